//! A reply, and the faults that can be simulated while it is sent.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

/// A simulated fault of a reply. The head always announces the whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// None.
    #[default]
    None,
    /// The connection is closed after this many bytes of the body.
    CutAfter(usize),
    /// After this many bytes nothing more comes, and the connection stays open.
    StallAfter(usize),
    /// The connection is closed without a reply.
    HangUp,
}

/// What is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// 200, 404, …
    pub status: u16,
    /// Beside the length and the ban on caching, which are always sent.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
    /// To wait before the head is sent.
    pub delay: Duration,
    /// The simulated fault.
    pub fault: Fault,
}

impl Reply {
    /// Some content of some media type.
    pub fn new(status: u16, media_type: &str, body: Vec<u8>) -> Self {
        let headers = vec![("Content-Type".to_owned(), media_type.to_owned())];
        Self { status, headers, body, delay: Duration::ZERO, fault: Fault::None }
    }

    /// A short text.
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.as_bytes().to_vec())
    }

    /// Sends the client elsewhere.
    pub fn redirect(to: &str) -> Self {
        Self::text(301, to).header("Location", to)
    }

    /// Adds a header, or replaces the one of this name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits before answering.
    #[must_use]
    pub fn delayed(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the fault.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// Sends the reply; a waiting or stalled reply ends when `stopping` is set.
    pub(super) fn send(
        &self,
        stream: &mut TcpStream,
        only_head: bool,
        stopping: &dyn Fn() -> bool,
    ) -> std::io::Result<()> {
        wait(Some(self.delay), stopping);
        let limit = match self.fault {
            Fault::None => self.body.len(),
            Fault::CutAfter(count) | Fault::StallAfter(count) => count.min(self.body.len()),
            Fault::HangUp => return Ok(()),
        };
        stream.write_all(self.head().as_bytes())?;
        if !only_head {
            stream.write_all(&self.body[..limit])?;
        }
        stream.flush()?;
        if matches!(self.fault, Fault::StallAfter(_)) {
            wait(None, stopping);
        }
        Ok(())
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        let length = self.body.len().to_string();
        let own = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in own.chain([("Content-Length", length.as_str())]) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head + "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    }
}

/// Waits for a time or, without one, for the end of the server; in small pieces, so that a server stops soon.
fn wait(time: Option<Duration>, stopping: &dyn Fn() -> bool) {
    const PIECE: Duration = Duration::from_millis(20);
    let mut left = time;
    while left.is_none_or(|left| !left.is_zero()) && !stopping() {
        let piece = left.map_or(PIECE, |left| left.min(PIECE));
        std::thread::sleep(piece);
        left = left.map(|left| left.saturating_sub(piece));
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
