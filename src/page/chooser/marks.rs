//! Marks the symbols in MathML.
//!
//! A symbol may be more than one letter: `L̄` is a letter under a bar, `∂L∕∂a` a fraction. So the markup is read into a
//! tree, each part of it spelled in plain Unicode as the records spell their symbols, and the outermost part that is
//! known is marked. The converter's markup is regular; anything else is passed through unchanged.

/// A marked part of a formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its symbol's spelling.
    pub symbol: &'static str,
    /// Whether the keyboard stops at it.
    pub focusable: bool,
}

/// The same markup with `data-symbol` at every part whose spelling is `known`.
pub fn mark(mathml: &str, mut known: impl FnMut(&str) -> Option<Mark>) -> String {
    let (nodes, _) = read(mathml);
    let mut out = String::with_capacity(mathml.len() * 2);
    write(&nodes, &mut known, &mut out);
    out
}

enum Node<'a> {
    Text(&'a str),
    /// The tag's name, all between it and `>`, what is inside.
    Element(&'a str, &'a str, Vec<Node<'a>>),
}

/// Reads up to an end tag without a start tag here; returns the rest.
fn read(mut rest: &str) -> (Vec<Node<'_>>, &str) {
    let mut nodes = Vec::new();
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            nodes.push(Node::Text(&rest[..end]));
            rest = &rest[end..];
            continue;
        };
        let Some((inside, after)) = tag.split_once('>') else { break };
        if inside.starts_with('/') {
            return (nodes, after);
        }
        let open = inside.strip_suffix('/');
        let head = open.unwrap_or(inside);
        let (name, attributes) = head.split_at(head.find(' ').unwrap_or(head.len()));
        let (children, after) = if open.is_some() { (Vec::new(), after) } else { read(after) };
        nodes.push(Node::Element(name, attributes, children));
        rest = after;
    }
    (nodes, rest)
}

fn write(nodes: &[Node<'_>], known: &mut dyn FnMut(&str) -> Option<Mark>, out: &mut String) {
    for (i, node) in nodes.iter().enumerate() {
        let Node::Element(name, attributes, children) = node else {
            if let Node::Text(text) = node {
                out.push_str(text);
            }
            continue;
        };
        let found = match spelling(node) {
            // A letter before a bracket may be a function: the sigmoid and the noise's size are both σ.
            Some(text) if opens_bracket(nodes.get(i + 1)) => known(&format!("{text}(")).or_else(|| known(&text)),
            Some(text) => known(&text),
            None => None,
        };
        out.extend(["<", name, attributes]);
        if let Some(mark) = found {
            let focus = if mark.focusable { "tabindex=\"0\" aria-describedby=\"symbol-tip\" " } else { "" };
            out.extend([" ", focus, "data-symbol=\"", mark.symbol, "\""]);
        }
        out.push('>');
        match found {
            Some(_) => write(children, &mut |_| None, out),
            None => write(children, known, out),
        }
        out.extend(["</", name, ">"]);
    }
}

fn opens_bracket(node: Option<&Node<'_>>) -> bool {
    matches!(node, Some(Node::Element("mo", _, children)) if matches!(children[..], [Node::Text("(")]))
}

/// A part in plain Unicode, as records spell symbols; `None` if it is no symbol.
fn spelling(node: &Node<'_>) -> Option<String> {
    let Node::Element(name, _, children) = node else { return None };
    match (*name, &children[..]) {
        // Without the variation selector for the calligraphic style.
        ("mi", [Node::Text(text)]) => Some(text.replace('\u{fe00}', "")),
        ("mover", [base, accent]) => Some(format!("{}{}", spelling(base)?, combining(operator(accent)?)?)),
        ("msup", [base, prime]) if operator(prime) == Some("′") => Some(format!("{}′", spelling(base)?)),
        ("msub", [base, index]) => Some(format!("{}{}", spelling(base)?, subscript(&spelling(index)?))),
        ("mfrac", [above, below]) => Some(format!("{}∕{}", differential(above)?, differential(below)?)),
        ("mrow", [only]) => spelling(only),
        _ => None,
    }
}

/// `∂` and what follows it.
fn differential(node: &Node<'_>) -> Option<String> {
    let Node::Element("mrow", _, children) = node else { return None };
    let [sign, of] = &children[..] else { return None };
    if spelling(sign)? == "∂" { Some(format!("∂{}", spelling(of)?)) } else { None }
}

fn operator<'a>(node: &Node<'a>) -> Option<&'a str> {
    match node {
        Node::Element("mo", _, children) => match children[..] {
            [Node::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn combining(accent: &str) -> Option<char> {
    match accent {
        "¯" | "‾" | "\u{304}" => Some('\u{304}'),
        "˜" | "~" | "\u{303}" => Some('\u{303}'),
        "^" | "ˆ" | "\u{302}" => Some('\u{302}'),
        _ => None,
    }
}

/// Index subscripts (of gate or draw) are left out: `aᵢ` is an `a`.
fn subscript(index: &str) -> String {
    if matches!(index, "i" | "j" | "k") {
        return String::new();
    }
    let letter = |c: char| {
        Some(match c {
            'a' => 'ₐ',
            'e' => 'ₑ',
            'h' => 'ₕ',
            'l' => 'ₗ',
            'm' => 'ₘ',
            'n' => 'ₙ',
            'o' => 'ₒ',
            'p' => 'ₚ',
            's' => 'ₛ',
            't' => 'ₜ',
            'u' => 'ᵤ',
            'v' => 'ᵥ',
            'x' => 'ₓ',
            _ => return None,
        })
    };
    // Subscripts without a Unicode letter are spelled as in LaTeX.
    index.chars().map(letter).collect::<Option<String>>().unwrap_or_else(|| format!("_{index}"))
}

#[cfg(test)]
mod tests {
    use super::super::latex::convert;
    use super::*;

    /// The spelled parts of a formula, outermost first.
    fn spelled(latex: &str) -> Vec<String> {
        let mut all = Vec::new();
        mark(&convert(latex).unwrap(), |spelling| {
            all.push(spelling.to_owned());
            None
        });
        all
    }

    #[test]
    fn symbols_of_several_parts_are_spelled_as_records_do() {
        assert!(spelled(r"L - \bar L").contains(&"L\u{304}".to_owned()));
        assert!(spelled(r"\tilde b").contains(&"b\u{303}".to_owned()));
        assert!(spelled(r"f'(b)").contains(&"f′".to_owned()));
        assert!(spelled(r"\frac{\partial L}{\partial a_i}").contains(&"∂L∕∂a".to_owned()));
        assert_eq!(spelled(r"\bar L_i")[0], "L\u{304}");
        assert!(spelled(r"\tau_f").contains(&"τ_f".to_owned()));
    }

    #[test]
    fn a_letter_before_a_bracket_may_be_a_function() {
        let only = |wanted: &'static str| {
            mark(&convert(r"\sigma(a) + \sigma^2").unwrap(), move |spelling| {
                (spelling == wanted).then_some(Mark { symbol: wanted, focusable: false })
            })
        };
        assert_eq!(only("σ(").matches("data-symbol").count(), 1);
        assert_eq!(only("σ").matches("data-symbol").count(), 2);
    }

    #[test]
    fn the_outermost_known_part_is_marked_and_nothing_is_lost() {
        let plain = convert(r"\frac{\partial L}{\partial a} \coloneqq (b - p)\,\sqrt{p}").unwrap();
        let marked = mark(&plain, |spelling| match spelling {
            "∂L∕∂a" => Some(Mark { symbol: "∂L∕∂a", focusable: true }),
            "L" | "p" => Some(Mark { symbol: "p", focusable: false }),
            _ => None,
        });
        assert_eq!(marked.matches("data-symbol=\"∂L∕∂a\"").count(), 1);
        assert_eq!(marked.matches("data-symbol=\"p\"").count(), 2, "the L of the fraction is part of it: {marked}");
        assert_eq!(marked.matches("tabindex").count(), 1);
        let text = |markup: &str| {
            let after = |part: &str| part.split_once('>').map(|(_, text)| text.to_owned());
            markup.split('<').filter_map(after).collect::<String>()
        };
        assert_eq!(text(&marked), text(&plain));
    }
}
