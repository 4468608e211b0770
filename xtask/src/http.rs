//! A minimal HTTP client for chromedriver on the same machine.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// 200, 404, …
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends one request over a connection of its own; fails after `patience` without data.
pub fn request(server: SocketAddr, method: &str, path: &str, body: &[u8], patience: Duration) -> Result<Answer> {
    let stream = TcpStream::connect_timeout(&server, Duration::from_secs(5))
        .with_context(|| format!("nothing listens at {server}"))?;
    exchange(stream, server, method, path, body, patience).with_context(|| format!("{method} {path} at {server}"))
}

fn exchange(
    mut stream: TcpStream,
    server: SocketAddr,
    method: &str,
    path: &str,
    body: &[u8],
    patience: Duration,
) -> Result<Answer> {
    stream.set_read_timeout(Some(patience))?;
    stream.set_nodelay(true)?;
    let mut message = format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    message.extend_from_slice(body);
    stream.write_all(&message)?;

    let mut answer = Vec::new();
    let mut block = vec![0; 64 * 1024];
    loop {
        // chromedriver keeps a connection open now and then although it was asked to close it.
        if let Some(whole) = parse(&answer)? {
            return Ok(whole);
        }
        let count = stream.read(&mut block).context("no answer")?;
        if count == 0 {
            bail!("the connection was closed in the middle of the answer");
        }
        answer.extend_from_slice(&block[..count]);
    }
}

/// The answer, once it is whole.
fn parse(bytes: &[u8]) -> Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).context("the answer is no HTTP")?;
    let length: usize = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .context("the answer has no Content-Length")?;
    Ok(bytes.get(end + 4..end + 4 + length).map(|body| Answer { status, body: body.to_vec() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use crate::server::{Fault, Reply, Site};

    const PATIENCE: Duration = Duration::from_secs(5);

    fn socket(address: &str) -> SocketAddr {
        address.trim_start_matches("http://").trim_end_matches('/').parse().unwrap()
    }

    #[test]
    fn gets_an_answer_or_says_why_not() {
        let folder = Scratch::new("http").unwrap();
        let server = Site::new(folder.path()).hook(|_, _| Reply::text(500, "oh")).start().unwrap();
        let answer = request(socket(&server.address()), "POST", "/x", b"{}", PATIENCE).unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (500, b"oh".as_slice()));

        server.set_hook(|_, reply| reply.with_fault(Fault::CutAfter(1)));
        let error = request(socket(&server.address()), "GET", "/x", b"", PATIENCE).unwrap_err();
        assert!(format!("{error:#}").contains("in the middle of the answer"), "{error:#}");
    }
}
