//! Knobs.

pub const TITLE: &str = "Knobs";
pub const CAPTION: &str = "Take effect at the next minibatch.";
pub const MORE: &str = "More";
pub const CHANGED: &str = "changed";

/// The button that resets a setting.
pub fn reset(label: &str, default: &str) -> String {
    format!("{label}: reset to the default, {default}")
}

/// The number field beside a slider.
pub fn exact(label: &str) -> String {
    format!("{label}, typed")
}

/// A choice's name, spelled for people.
pub fn choice(name: &str) -> String {
    match name {
        "root-p" => "√p".into(),
        other => other.replace('-', " "),
    }
}
