//! The learned state of an estimator as named tensors: what a checkpoint stores and what a refused step restores.

use std::fmt;

use gatelab_kernels::Real;

/// Sizes that decide the shape of an estimator's learned state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Gates G.
    pub gates: usize,
    /// Units H of all experts.
    pub units: usize,
}

/// Shape of a state tensor, row-major.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateShape {
    /// One axis.
    Vector(usize),
    /// Rows and columns.
    Matrix(usize, usize),
}

impl StateShape {
    /// The shape with these axes; `None` unless there are one or two.
    pub fn from_dims(dims: &[usize]) -> Option<Self> {
        match *dims {
            [length] => Some(Self::Vector(length)),
            [rows, columns] => Some(Self::Matrix(rows, columns)),
            _ => None,
        }
    }

    /// The length of each axis.
    pub fn dims(self) -> Vec<usize> {
        match self {
            Self::Vector(length) => vec![length],
            Self::Matrix(rows, columns) => vec![rows, columns],
        }
    }

    /// Number of entries; saturates, so that a forged shape cannot overflow.
    pub fn count(self) -> usize {
        match self {
            Self::Vector(length) => length,
            Self::Matrix(rows, columns) => rows.saturating_mul(columns),
        }
    }
}

impl fmt::Display for StateShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vector(length) => write!(f, "[{length}]"),
            Self::Matrix(rows, columns) => write!(f, "[{rows} × {columns}]"),
        }
    }
}

/// One tensor of an estimator's learned state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateTensor<'a, R> {
    /// Name, unique within the estimator; kebab case, never changed.
    pub name: &'a str,
    /// Its shape; as many entries as there are `values`.
    pub shape: StateShape,
    /// Entries in row-major order.
    pub values: &'a [R],
}

impl<'a, R> StateTensor<'a, R> {
    /// A tensor with one axis.
    pub fn vector(name: &'a str, values: &'a [R]) -> Self {
        Self { name, shape: StateShape::Vector(values.len()), values }
    }

    /// A matrix with this many columns.
    pub fn matrix(name: &'a str, columns: usize, values: &'a [R]) -> Self {
        Self { name, shape: StateShape::Matrix(values.len() / columns, columns), values }
    }
}

/// A state that an estimator refuses to load.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Other tensors than the estimator has.
    #[error("estimator state: expected {expected}, found {found}")]
    Names {
        /// The estimator's own tensors.
        expected: String,
        /// The tensors given.
        found: String,
    },
    /// A tensor of another size.
    #[error("estimator state, {name}: expected shape {expected}, found {found}")]
    Shape {
        /// The tensor.
        name: String,
        /// Its shape in this network.
        expected: StateShape,
        /// The shape given.
        found: StateShape,
    },
    /// A tensor whose values do not fill its shape.
    #[error("estimator state, {name}: expected {expected} numbers, found {found}")]
    Length {
        /// The tensor.
        name: String,
        /// Entries of its shape.
        expected: usize,
        /// Values given.
        found: usize,
    },
    /// A number that is infinite or NaN.
    #[error("estimator state, {name}: expected finite numbers, found {found} at entry {entry}")]
    NotFinite {
        /// The tensor.
        name: String,
        /// The number.
        found: String,
        /// Its place in row-major order.
        entry: usize,
    },
}

/// The values of `found`, in the order of `own`, or why they do not fit.
pub(super) fn matching<'a, R: Real>(
    own: &[StateTensor<'_, R>],
    found: &[StateTensor<'a, R>],
) -> Result<Vec<&'a [R]>, StateError> {
    let named = |name: &str| found.iter().filter(|tensor| tensor.name == name).count() == 1;
    if own.len() != found.len() || !own.iter().all(|tensor| named(tensor.name)) {
        return Err(StateError::Names { expected: list(own), found: list(found) });
    }
    let mut values = Vec::with_capacity(own.len());
    for own in own {
        for tensor in found.iter().filter(|tensor| tensor.name == own.name) {
            check(own.shape, tensor)?;
            values.push(tensor.values);
        }
    }
    Ok(values)
}

/// Whether a tensor has this shape, as many values, and all of them finite.
fn check<R: Real>(expected: StateShape, tensor: &StateTensor<'_, R>) -> Result<(), StateError> {
    let name = || tensor.name.to_owned();
    if tensor.shape != expected {
        return Err(StateError::Shape { name: name(), expected, found: tensor.shape });
    }
    if tensor.values.len() != expected.count() {
        return Err(StateError::Length { name: name(), expected: expected.count(), found: tensor.values.len() });
    }
    match tensor.values.iter().position(|x| !x.is_finite()) {
        Some(entry) => {
            let found = tensor.values[entry].as_f64().to_string();
            Err(StateError::NotFinite { name: name(), found, entry })
        }
        None => Ok(()),
    }
}

/// The tensors' names, for a message.
fn list<R>(tensors: &[StateTensor<'_, R>]) -> String {
    if tensors.is_empty() {
        return "no tensors".to_owned();
    }
    let names: Vec<&str> = tensors.iter().map(|tensor| tensor.name).collect();
    format!("the tensors {}", names.join(", "))
}
