//! Which loops are used, and how fast they are here.

use super::{clock, outbox};
use crate::protocol::{Event, LoopSet};
use gatelab_kernels::{Loops as _, loops};

/// Uses the set of this name, if one is given and is there, and tells what there is.
pub(super) fn choose(name: Option<&str>) {
    if let Some(name) = name {
        loops::switch(name);
    }
    let sets = loops::speeds(clock::now).into_iter().map(|(set, speed)| LoopSet {
        name: set.name().to_owned(),
        exact: set.is_exact(),
        speed,
    });
    outbox::event(&Event::Loops { sets: sets.collect(), in_use: loops::in_use().name().to_owned() });
}
