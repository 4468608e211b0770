//! MNIST for the page: [`files`] describes the four files, [`sources`] finds them, [`idx`] reads them, [`shards`] cuts them
//! into the pieces that the page downloads.

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
/// `Ok(false)` means that no source has MNIST; each attempt has been reported.
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
