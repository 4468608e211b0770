//! Which loops are used, and how fast they are here.

use super::{clock, outbox};
use crate::protocol::{Event, LoopSet};
use gatelab_kernels::{Backend as _, backend as kernels};

/// Uses the set of this name, if one is given and is there, and tells what there is.
pub(super) fn choose(name: Option<&str>) {
    if let Some(name) = name {
        kernels::switch(name);
    }
    let sets = kernels::speeds(clock::now).into_iter().map(|(set, speed)| LoopSet {
        name: set.name().to_owned(),
        exact: set.is_exact(),
        speed,
    });
    outbox::event(&Event::Backend { sets: sets.collect(), in_use: kernels::in_use().name().to_owned() });
}
