//! Names of classes in narrow places: abbreviated to one or two letters, or cut with an ellipsis.

/// A short form of each name, by class: its first letter if these are distinct, otherwise its first two, otherwise the label.
pub fn abbreviations(names: &[String]) -> Vec<String> {
    for letters in 1..=2 {
        let short: Vec<String> = names.iter().map(|name| name.chars().take(letters).collect()).collect();
        let distinct = short.iter().enumerate().all(|(class, name)| !short[..class].contains(name));
        if distinct {
            return short;
        }
    }
    (0..names.len()).map(|class| class.to_string()).collect()
}

/// `text`, or as many of its first characters as fit into `width` with an ellipsis; `measure` gives the width of a text.
pub fn elide(text: &str, width: f64, measure: impl Fn(&str) -> f64) -> String {
    if measure(text) <= width {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let cut = format!("{}…", kept.trim_end());
        if measure(&cut) <= width {
            return cut;
        }
    }
    // Not even one letter fits: a letter that is too wide says more than an ellipsis.
    text.chars().take(1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(names: &[&str]) -> String {
        abbreviations(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).join(" ")
    }

    #[test]
    fn abbreviations_are_as_short_as_they_can_be_and_distinct() {
        assert_eq!(short(&["0", "1", "2"]), "0 1 2");
        assert_eq!(short(&["Coat", "Sandal", "Shirt"]), "Co Sa Sh");
        assert_eq!(short(&["Shirt", "Short", "Coat"]), "0 1 2");
        let fashion = gatelab_engine::data::known::KNOWN[1].classes;
        assert_eq!(short(&fashion), "T- Tr Pu Dr Co Sa Sh Sn Ba An");
    }

    #[test]
    fn names_are_cut_where_they_do_not_fit() {
        let measure = |text: &str| text.chars().count() as f64;
        assert_eq!(elide("Sneaker", 7.0, measure), "Sneaker");
        assert_eq!(elide("Sneaker", 6.5, measure), "Sneak…");
        assert_eq!(elide("Ankle boot", 7.0, measure), "Ankle…");
        assert_eq!(elide("Sneaker", 1.0, measure), "…");
        assert_eq!(elide("7", 0.5, measure), "7");
    }
}
