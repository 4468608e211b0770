//! Sources of data in the worker: shards beside the page, a mirror, files of the user, stroke digits.

mod bytes;
mod files;
mod mirror;
mod site;
mod store;

pub(super) use files::open as open_files;
pub(super) use mirror::download;
pub(super) use site::load as load_site;
pub(super) use store::Store;
