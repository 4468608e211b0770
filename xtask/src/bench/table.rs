//! A table, for the terminal and for a document.

/// A title, a head, rows. A row that ends early ends in words, which may go on to the right.
pub(super) struct Table {
    pub title: String,
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(title: impl Into<String>, head: &[&'static str]) -> Self {
        Self { title: title.into(), head: head.to_vec(), rows: Vec::new() }
    }

    /// The first column is words, all others are figures.
    pub(super) fn terminal(&self) -> String {
        let widths: Vec<usize> = (0..self.head.len()).map(|column| self.width(column)).collect();
        let head: Vec<String> = self.head.iter().map(|&name| name.to_owned()).collect();
        let line = |cells: &[String]| {
            let whole = cells.len() == widths.len();
            let cells = cells.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
                0 => format!("  {cell:<width$}"),
                _ if !whole && column + 1 == cells.len() => format!("   {cell}"),
                _ => format!("   {cell:>width$}"),
            });
            cells.collect::<String>().trim_end().to_owned()
        };
        let rule = format!("  {}", "─".repeat(widths.iter().sum::<usize>() + 3 * (widths.len() - 1)));
        let rows = self.rows.iter().map(|row| line(row));
        [self.title.clone(), line(&head), rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn markdown(&self) -> String {
        let row = |cells: &mut dyn Iterator<Item = String>| format!("| {} |", cells.collect::<Vec<_>>().join(" | "));
        let mut lines = vec![format!("### {}\n", self.title), row(&mut self.head.iter().map(|&name| name.to_owned()))];
        lines.push(row(&mut (0..self.head.len()).map(|column| if column == 0 { "---" } else { "---:" }.to_owned())));
        for cells in &self.rows {
            let blank = std::iter::repeat_n(String::new(), self.head.len().saturating_sub(cells.len()));
            lines.push(row(&mut cells.iter().cloned().chain(blank)));
        }
        lines.join("\n")
    }

    /// Characters of the widest cell; words at the end of a short row do not count.
    fn width(&self, column: usize) -> usize {
        let whole = self.rows.iter().filter(|row| column == 0 || row.len() == self.head.len());
        let cells = whole.filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(self.head.get(column).map(|name| name.chars().count())).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_words_may_go_on() {
        let mut table = Table::new("T", &["who", "a", "b"]);
        table.rows.push(vec!["one".into(), "1".into(), "22.5".into()]);
        table.rows.push(vec!["three".into(), "not installed here".into()]);
        let expected = "T\n  who     a      b\n  ────────────────\n  one     1   22.5\n  three   not installed here";
        assert_eq!(table.terminal(), expected);
        assert_eq!(
            table.markdown(),
            "### T\n\n| who | a | b |\n| --- | ---: | ---: |\n| one | 1 | 22.5 |\n| three | not installed here |  |"
        );
    }
}
