//! The kernels in use, and the speed of each set on this machine.

use super::{clock, outbox};
use crate::protocol::{Event, KernelSetInfo};
use gatelab_kernels::{Backend as _, backend as kernels};

/// Switches to the set of this name, if one is given and available, then measures all sets and sends the result.
pub(super) fn choose(name: Option<&str>) {
    if let Some(name) = name {
        kernels::switch(name);
    }
    let sets = kernels::speeds(clock::now).into_iter().map(|(set, speed)| KernelSetInfo {
        name: set.name().to_owned(),
        exact: set.is_exact(),
        speed,
    });
    outbox::event(&Event::Backend { sets: sets.collect(), in_use: kernels::in_use().name().to_owned() });
}
