//! Where the worker gets its digits from.

mod bytes;
mod files;
mod mirror;
mod site;
mod store;

pub(super) use files::open as open_files;
pub(super) use mirror::download;
pub(super) use site::load as load_site;
pub(super) use store::Store;
