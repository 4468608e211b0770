//! A small server for a folder of static files, for `serve` and for tests that simulate faults.
//!
//! [`Site`] describes what is served; [`Site::start`] gives a running [`Server`], which stops when it is dropped. A
//! [`Hook`] sees every request with the reply that it would get, and may return another one.
//!
//! It binds to the loopback address only, forbids caching (an old worker beside a new page is a confusing bug), and
//! answers each connection in a thread of its own.

mod files;
mod media_type;
mod reply;
mod request;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, Result};

pub use reply::{Fault, Reply};
pub use request::Request;

/// Sees a request and the reply it would get; returns the reply that it does get.
pub type Hook = Arc<dyn Fn(&Request, Reply) -> Reply + Send + Sync>;

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// `GET`, `HEAD`, …
    pub method: String,
    /// Relative to the prefix, like [`Request::path`].
    pub path: String,
    /// The status of the reply.
    pub status: u16,
}

/// What is to be served, and how.
#[derive(Clone)]
pub struct Site {
    root: PathBuf,
    prefix: String,
    port: u16,
    headers: Vec<(String, String)>,
    hook: Option<Hook>,
}

impl Site {
    /// The files under `root`, at `http://127.0.0.1:<free port>/`.
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf(), prefix: "/".to_owned(), port: 0, headers: Vec::new(), hook: None }
    }

    /// Serves under a sub-path such as `/a/b/`; everything else is 404, as on a shared host.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        let inner = prefix.trim_matches('/');
        self.prefix = if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") };
        self
    }

    /// Listens at this port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sends one more header with every reply.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Installs a [`Hook`].
    #[must_use]
    pub fn hook(mut self, hook: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// Starts to listen.
    pub fn start(self) -> Result<Server> {
        let listener = TcpListener::bind(("127.0.0.1", self.port))
            .with_context(|| format!("cannot listen at port {} of the loopback address", self.port))?;
        let socket = listener.local_addr().context("the server has no address")?;
        let shared = Arc::new(Shared {
            site: Self { root: files::canonical(&self.root)?, hook: None, ..self },
            hook: RwLock::new(self.hook),
            log: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let for_thread = Arc::clone(&shared);
        let acceptor = std::thread::spawn(move || accept(&listener, &for_thread));
        Ok(Server { socket, shared, acceptor: Some(acceptor) })
    }
}

/// A running server; it stops when dropped.
pub struct Server {
    socket: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What the threads of a server share.
struct Shared {
    site: Site,
    hook: RwLock<Option<Hook>>,
    log: Mutex<Vec<Logged>>,
    stopping: AtomicBool,
}

impl Server {
    /// The address of the site, ending in a slash.
    pub fn address(&self) -> String {
        format!("http://{}{}", self.socket, self.shared.site.prefix)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Logged> {
        self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the hook, so that a test can break the network and repair it.
    pub fn set_hook(&self, hook: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static) {
        *self.shared.hook.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hook));
    }

    /// From now on replies go out as they are.
    pub fn clear_hook(&self) {
        *self.shared.hook.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Serves until the process is ended.
    pub fn wait(mut self) {
        if let Some(acceptor) = self.acceptor.take() {
            // It only ends with the process; that it panicked would have been printed already.
            let _ = acceptor.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // `accept` blocks; one more connection lets it look at the flag.
        let _ = TcpStream::connect_timeout(&self.socket, Duration::from_secs(1));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || {
            // The client has closed the connection, so there is no one to report to.
            let _ = answer(stream, &shared);
        });
    }
}

fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    // Browsers open connections in advance and leave them idle.
    stream.set_read_timeout(Some(Duration::from_mins(1)))?;
    let Some(request) = request::read(&mut stream, &shared.site.prefix)? else {
        return Ok(());
    };
    let mut reply = files::reply(&request, &shared.site.root, &shared.site.prefix);
    let hook = shared.hook.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(hook) = hook {
        reply = hook(&request, reply);
    }
    let logged = Logged { method: request.method.clone(), path: request.path.clone(), status: reply.status };
    shared.log.lock().unwrap_or_else(PoisonError::into_inner).push(logged);
    reply.headers.extend(shared.site.headers.iter().cloned());
    reply.send(&mut stream, request.method == "HEAD", &|| shared.stopping.load(Ordering::SeqCst))
}

#[cfg(test)]
mod tests;
