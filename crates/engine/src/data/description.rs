//! The names of a data set's classes, and the choice of a data set by id.

use serde::{Deserialize, Serialize};

use super::error::DataError;
use super::sizes::CLASSES;

/// Longest name of a class, in characters.
const LONGEST_NAME: usize = 40;

/// Names of the classes 0..=9, in this order: distinct, not empty, at most 40 printable characters each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClassNames([String; CLASSES]);

impl Default for ClassNames {
    /// The labels themselves: "0" to "9".
    fn default() -> Self {
        Self(std::array::from_fn(|class| class.to_string()))
    }
}

impl ClassNames {
    /// Checked names; blanks at either end of a name are dropped.
    ///
    /// # Errors
    /// [`DataError::ClassCount`] unless there are [`CLASSES`] names, [`DataError::ClassName`] for a name that is empty,
    /// too long, not printable or given twice.
    pub fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, DataError> {
        let names: Vec<String> = names.into_iter().map(|name| name.as_ref().trim().to_owned()).collect();
        for (index, name) in names.iter().enumerate() {
            let length = name.chars().count();
            let printable = !name.chars().any(char::is_control);
            if !(1..=LONGEST_NAME).contains(&length) || !printable || names[..index].contains(name) {
                return Err(DataError::ClassName { index, found: name.clone(), longest: LONGEST_NAME });
            }
        }
        let found = names.len();
        names.try_into().map(Self).map_err(|_| DataError::ClassCount { found })
    }

    /// Names from a text, separated by commas or by line ends. Empty lines and one comma at the end are no names.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self::new(lines.flat_map(|line| line.strip_suffix(',').unwrap_or(line).split(',')))
    }

    /// The name of a class. Like indexing a slice, panics unless `class` is below [`CLASSES`].
    pub fn name(&self, class: usize) -> &str {
        &self.0[class]
    }

    /// All names, by class.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

/// Which data set a run learns, as configurations and links name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataChoice {
    /// The MNIST files.
    Mnist,
    /// Digits that the program draws itself.
    Strokes,
    /// IDX files chosen by the user; a link can name them but not carry them.
    Own,
}

impl DataChoice {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Mnist, Self::Strokes, Self::Own];

    /// The id in configurations, links and the page's `data-dataset` attribute.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Mnist => "mnist",
            Self::Strokes => "strokes",
            Self::Own => "own",
        }
    }

    /// Name to show, as long as nothing more is known of the set.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mnist => "MNIST",
            Self::Strokes => "Stroke digits",
            Self::Own => "Own files",
        }
    }

    /// The choice of this id.
    pub fn find(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn class_names_are_ten_distinct_names() {
        let names = ClassNames::parse("a, b,c,d,e,f,g,h,i,j k,\n").unwrap();
        assert_eq!((names.name(1), names.name(9), names.as_slice().len()), ("b", "j k", CLASSES));
        assert_eq!(ClassNames::parse("a\nb\r\nc\nd\ne\n\nf\ng\nh\ni\nj k\n"), Ok(names));
        assert_eq!(ClassNames::default().as_slice().concat(), "0123456789");
        for found in [0, 9, 11] {
            assert_eq!(ClassNames::new((0..found).map(|i| i.to_string())), Err(DataError::ClassCount { found }));
        }
        for wrong in ["", "b", &"x".repeat(41), "\u{7}"] {
            let error = ClassNames::new(["a", "b", wrong, "d", "e", "f", "g", "h", "i", "j"]).unwrap_err();
            assert!(matches!(&error, DataError::ClassName { index: 2, .. }), "{error}");
        }
    }

    #[test]
    fn a_choice_is_serialized_by_its_id() {
        for choice in DataChoice::ALL {
            assert_eq!(serde_json::to_value(choice).unwrap(), choice.id());
            assert_eq!(DataChoice::find(choice.id()), Some(choice));
        }
        assert_eq!(DataChoice::find("MNIST"), None);
    }
}
