//! The server, asked over a real connection.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::*;
use crate::scratch::Scratch;

/// A site of a few files, and beside it one that must never be served.
fn site() -> (Scratch, PathBuf) {
    let folder = Scratch::new("site").unwrap();
    let root = folder.path().join("dist");
    std::fs::create_dir_all(root.join("data")).unwrap();
    std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
    std::fs::write(root.join("index.html"), "<p>page").unwrap();
    std::fs::write(root.join("page_bg.wasm"), b"\0asm").unwrap();
    std::fs::write(root.join("trainer.js"), "export {}").unwrap();
    std::fs::write(root.join("data/test.bin"), vec![7; 100_000]).unwrap();
    (folder, root)
}

/// The whole answer, head and body, as text.
fn ask(server: &Server, method: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(server.socket).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // A reply that stalls ends in a time-out, which is what its test wants.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(server: &Server, path: &str) -> String {
    ask(server, "GET", path).split(' ').nth(1).unwrap_or("none").to_owned()
}

fn body_length(answer: &str) -> usize {
    answer.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len())
}

#[test]
fn files_have_their_media_types_and_are_not_cached() {
    let (_folder, root) = site();
    let server = Site::new(&root).start().unwrap();
    let answer = ask(&server, "GET", "/");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\n<p>page"), "{answer}");
    assert!(answer.contains("Content-Type: text/html") && answer.contains("Cache-Control: no-store"));
    assert!(ask(&server, "GET", "/page_bg.wasm?v=1").contains("Content-Type: application/wasm"));
    assert!(ask(&server, "GET", "/trainer.js").contains("Content-Type: text/javascript"));
    assert_eq!(body_length(&ask(&server, "GET", "/data/test.bin")), 100_000);
    assert_eq!(server.requests()[3].path, "data/test.bin");
}

#[test]
fn head_sends_no_body_and_other_methods_are_refused() {
    let (_folder, root) = site();
    let server = Site::new(&root).start().unwrap();
    let answer = ask(&server, "HEAD", "/data/test.bin");
    assert!(answer.contains("Content-Length: 100000") && answer.ends_with("\r\n\r\n"), "{answer}");
    assert!(ask(&server, "POST", "/").starts_with("HTTP/1.1 405 "));
}

#[test]
fn nothing_outside_of_the_site_is_served() {
    let (folder, root) = site();
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path().join("secret.txt"), root.join("link.txt")).unwrap();
    let server = Site::new(&root).start().unwrap();
    let secret = folder.path().join("secret.txt");
    let absolute = format!("/{}", secret.display());
    for path in
        ["/../secret.txt", "/%2e%2e/secret.txt", "/data/../../secret.txt", "/..%2fsecret.txt", "/link.txt", &absolute]
    {
        assert_eq!(status(&server, path), "404", "{path}");
    }
    assert_eq!(status(&server, "/missing"), "404");
}

#[test]
fn a_sub_path_behaves_as_on_a_shared_host() {
    let (_folder, root) = site();
    let server = Site::new(&root).prefix("a/b").start().unwrap();
    assert!(server.address().ends_with("/a/b/"));
    assert_eq!(status(&server, "/a/b/"), "200");
    assert!(ask(&server, "GET", "/a/b").contains("Location: /a/b/\r\n"));
    assert!(ask(&server, "GET", "/a/b/data").contains("Location: /a/b/data/\r\n"));
    for path in ["/", "/index.html", "/a/index.html", "/a/b/data/"] {
        assert_eq!(status(&server, path), "404", "{path}");
    }
}

#[test]
fn a_hook_can_change_any_reply_and_be_removed() {
    let (_folder, root) = site();
    let hook = |request: &Request, reply: Reply| match request.path.as_str() {
        "index.html" => Reply::text(503, "closed"),
        "data/test.bin" => reply.with_fault(Fault::CutAfter(10)),
        "page_bg.wasm" => reply.with_fault(Fault::StallAfter(2)),
        "trainer.js" => reply.with_fault(Fault::HangUp),
        _ => reply.header("Content-Type", "text/plain"),
    };
    let server = Site::new(&root).header("X-All", "yes").hook(hook).start().unwrap();
    assert_eq!(status(&server, "/index.html"), "503");
    let cut = ask(&server, "GET", "/data/test.bin");
    assert!(cut.contains("Content-Length: 100000") && cut.contains("X-All: yes"));
    assert_eq!(body_length(&cut), 10);
    assert_eq!(body_length(&ask(&server, "GET", "/page_bg.wasm")), 2);
    assert_eq!(ask(&server, "GET", "/trainer.js"), "");
    assert!(ask(&server, "GET", "/").contains("Content-Type: text/plain"));

    server.clear_hook();
    assert_eq!(body_length(&ask(&server, "GET", "/data/test.bin")), 100_000);
    server.set_hook(|_, reply| reply.delayed(Duration::from_millis(80)));
    let begin = Instant::now();
    assert_eq!(status(&server, "/"), "200");
    assert!(begin.elapsed() >= Duration::from_millis(80));
}

#[test]
fn it_stops_even_while_a_reply_stalls() {
    let (_folder, root) = site();
    let server = Site::new(&root).hook(|_, reply| reply.with_fault(Fault::StallAfter(0))).start().unwrap();
    let socket = server.socket;
    assert_eq!(status(&server, "/"), "200");
    drop(server);
    assert!(TcpStream::connect_timeout(&socket, Duration::from_millis(200)).is_err());
}
