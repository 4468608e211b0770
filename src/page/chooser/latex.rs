//! Formulas: the LaTeX of a record becomes MathML, in which the symbols with an explanation are marked.

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use super::marks;
use super::symbols;
use gatelab_engine::estimator::Record;

/// Separates pieces that may go on separate lines: browsers do not break lines inside MathML.
const BREAK: &str = r"\quad";

/// The three formulas of a record as MathML: the draw, the gradient, the gate at test time; each as pieces between
/// which a line may break. A formula that cannot be converted is shown as its source; a test allows none.
pub fn of(record: &'static Record) -> [Vec<String>; 3] {
    let mut seen = Vec::new();
    [record.forward, record.backward, record.test_time].map(|formula| {
        let parts = formula.split(BREAK).map(str::trim).filter(|part| !part.is_empty());
        parts
            .map(|part| match convert(part) {
                Ok(mathml) => marks::mark(&mathml, |spelling| {
                    let symbol = symbols::find(record, spelling)?;
                    // The keyboard stops once per symbol, and only at symbols with a value.
                    let first = symbol.has_value() && !seen.contains(&symbol.spelling);
                    if first {
                        seen.push(symbol.spelling);
                    }
                    Some(marks::Mark { symbol: symbol.spelling, focusable: first })
                }),
                Err(_) => format!("<code>{}</code>", part.replace('&', "&amp;").replace('<', "&lt;")),
            })
            .collect()
    })
}

/// One piece as MathML, or what is wrong with it.
pub fn convert(latex: &str) -> Result<String, String> {
    let converter = LatexToMathML::new(MathCoreConfig::default()).map_err(|_| "no macros".to_owned())?;
    let converted =
        converter.convert_with_local_state(latex, MathDisplay::Block).map_err(|error| format!("{error:?}"))?;
    Ok(converted.mathml)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatelab_engine::estimator::registry::RECORDS;

    #[test]
    fn every_formula_of_every_estimator_becomes_mathml() {
        for record in RECORDS {
            for formula in [record.forward, record.backward, record.test_time] {
                for part in formula.split(BREAK).map(str::trim).filter(|part| !part.is_empty()) {
                    match convert(part) {
                        Ok(mathml) => assert!(!mathml.contains("merror"), "{}: {part}", record.id),
                        Err(error) => panic!("{}: {part}: {error}", record.id),
                    }
                }
                assert!(formula.is_ascii(), "{}: {formula} is not written in LaTeX", record.id);
            }
        }
    }

    #[test]
    fn a_mistake_is_noticed() {
        assert!(convert(r"\frac{a}").is_err());
        assert!(convert(r"\nosuchcommand").is_err());
    }

    #[test]
    fn every_letter_of_every_formula_is_explained() {
        let mut unknown = Vec::new();
        for record in RECORDS {
            for piece in of(record).concat() {
                marks::mark(&piece, |spelling| {
                    if symbols::find(record, spelling).is_none() && spelling.chars().count() == 1 {
                        unknown.push((record.id, spelling.to_owned()));
                    }
                    symbols::find(record, spelling)
                        .map(|symbol| marks::Mark { symbol: symbol.spelling, focusable: false })
                });
            }
        }
        assert_eq!(unknown, Vec::new());
    }

    #[test]
    fn a_symbol_with_a_value_is_reached_once_by_the_keyboard() {
        for record in RECORDS {
            let all = of(record).concat().concat();
            let focusable: Vec<&str> =
                all.split("tabindex=\"0\"").skip(1).map(|rest| rest.split('"').nth(3).unwrap_or_default()).collect();
            let mut once = focusable.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), focusable.len(), "{}: {focusable:?}", record.id);
        }
    }
}
