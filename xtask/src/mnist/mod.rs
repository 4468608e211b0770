//! MNIST for the page: [`files`] says what the four files are, [`sources`] gets them, [`idx`] reads them, [`shards`] cuts
//! them into the pieces that the page downloads.

pub mod files;
pub mod idx;
pub mod shards;
pub mod sources;

use anyhow::Result;

use crate::progress::Progress;
use crate::project::Project;
use sources::Sources;

/// Makes the shards if they are not there yet.
///
/// `Ok(false)` means that MNIST cannot be had from anywhere; what was tried has been said.
pub fn prepare(project: &Project, progress: &Progress) -> Result<bool> {
    let place = project.shards();
    if shards::are_whole(&place) {
        return Ok(true);
    }
    let sources = Sources::of(project);
    let Some(files) = progress.step("Find MNIST", || sources.all(&files::MNIST, &|text| progress.say(text)))? else {
        return Ok(false);
    };
    progress.step("Cut MNIST into shards", || shards::write(&files, &shards::PLAN, &place))?;
    Ok(true)
}
