//! Estimators that use values and slopes together: a slope predicts most of what the loss will do, and the loss corrects it.
