//! Reading the head of a request. Bodies are not read: nobody sends one to a static site.

use std::io::Read;

/// More than any browser sends; whoever sends more is not one.
const LONGEST_HEAD: usize = 64 * 1024;

/// A request, as far as a static server cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD`, …
    pub method: String,
    /// Decoded and relative to the site: `data/mnist/test.bin`; empty for the site itself. Outside of the prefix it keeps
    /// its leading slash.
    pub path: String,
    /// What follows the question mark.
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Request {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads one request; `None` if the connection closes without one or what comes is no HTTP.
pub(super) fn read(stream: &mut impl Read, prefix: &str) -> std::io::Result<Option<Request>> {
    let mut head = Vec::new();
    let mut block = [0; 4096];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut block)?;
        if count == 0 || head.len() > LONGEST_HEAD {
            return Ok(None);
        }
        head.extend_from_slice(&block[..count]);
    }
    Ok(parse(&String::from_utf8_lossy(&head), prefix))
}

fn parse(head: &str, prefix: &str) -> Option<Request> {
    let mut lines = head.lines();
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = decode(path)?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let path = path.strip_prefix(prefix).map_or_else(|| path.clone(), str::to_owned);
    Some(Request { method: method.to_owned(), path, query: query.to_owned(), headers })
}

/// Undoes percent encoding; `None` for what is no UTF-8 afterwards.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
        match code() {
            Some(code) if byte == b'%' => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_and_relative() {
        let request = parse("GET /a/b/digit%20%C3%BC.bin?x=1 HTTP/1.1\r\nAccept: */*\r\n\r\n", "/a/b/").unwrap();
        assert_eq!((request.path.as_str(), request.query.as_str()), ("digit ü.bin", "x=1"));
        assert_eq!(request.header("accept"), Some("*/*"));
        assert_eq!(parse("GET /c HTTP/1.1\r\n\r\n", "/a/b/").unwrap().path, "/c");
        assert_eq!(parse("nonsense", "/"), None);
    }

    #[test]
    fn broken_codes_stay_as_they_are() {
        assert_eq!(decode("100%").as_deref(), Some("100%"));
        assert_eq!(decode("%zz").as_deref(), Some("%zz"));
        assert_eq!(decode("%ff"), None);
    }
}
