//! What panels read from the store while they draw.

use super::numbers::Numbers;
use super::raster::Raster;
use super::runs::Run;
use super::store::{Live, Part};
use crate::page::messages::pictures::of_gates;
use crate::protocol::{OneDigit, ProbeDigits, ProbeView, RasterOf};
use gatelab_engine::data::{CLASSES, PIXELS};

impl Live {
    /// A counter that increases when the data of `part` change.
    pub fn version_of(&self, part: Part) -> u64 {
        self.parts.get(part as usize).copied().unwrap_or_default()
    }

    /// All runs, oldest first; the last one is the current.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The current run.
    pub fn current(&self) -> Option<&Run> {
        self.runs.last()
    }

    /// A run's name for legends: with its size, if runs of several sizes are kept.
    pub fn label(&self, run: &Run) -> String {
        let label = run.label();
        let one_size = self.runs.iter().all(|other| other.gates == run.gates);
        if one_size { label } else { of_gates(&label, run.gates) }
    }

    /// The current run in numbers.
    pub fn summary(&self) -> &Numbers {
        &self.numbers
    }

    /// Gates of the current run's network.
    pub fn gates(&self) -> usize {
        self.numbers.gates
    }

    /// Firing rate of each gate.
    pub fn rates(&self) -> &[f32] {
        &self.rates
    }

    /// Spikes of the last steps.
    pub fn raster(&self) -> &Raster {
        &self.raster
    }

    /// The source of the spikes.
    pub fn spikes_of(&self) -> RasterOf {
        self.raster_of
    }

    /// The probe digits.
    pub fn digits(&self) -> &ProbeDigits {
        &self.digits
    }

    /// P(fires) of each gate for each probe digit; empty before the first frame with them.
    pub fn probes(&self) -> &ProbeView {
        &self.probes
    }

    /// The class whose probe digits a gate fires for most.
    pub fn favourite(&self, gate: usize) -> Option<u8> {
        self.favourites.get(gate).copied().flatten()
    }

    /// P(fires | class) of a gate, 0..=1, by the probe digits.
    pub fn by_class(&self, gate: usize, class: usize) -> Option<f32> {
        self.probes.by_class.get(gate * CLASSES + class).map(|p| f32::from(*p) / 255.0)
    }

    /// The pinned digit's pass through the network.
    pub fn one_digit(&self) -> Option<&OneDigit> {
        self.one_digit.as_ref()
    }

    /// The pinned gate.
    pub fn pinned_gate(&self) -> Option<usize> {
        self.pinned_gate
    }

    /// The pinned probe digit.
    pub fn pinned_probe(&self) -> usize {
        self.pinned_probe
    }

    /// The pinned probe digit's label.
    pub fn pinned_label(&self) -> Option<u8> {
        self.digits.labels.get(self.pinned_probe).copied()
    }

    /// Name of the pinned probe digit's class.
    pub fn pinned_class(&self) -> Option<&str> {
        self.pinned_label().map(|label| self.class(usize::from(label)))
    }

    /// Name of a class below [`CLASSES`].
    pub fn class(&self, class: usize) -> &str {
        self.classes.name(class)
    }

    /// Names of all classes.
    pub fn classes(&self) -> &[String] {
        self.classes.as_slice()
    }

    /// Pixels of a probe digit, 784, 0 = paper; empty if it isn't there.
    pub fn pixels(&self, probe: usize) -> &[u8] {
        self.digits.pixels.get(probe * PIXELS..(probe + 1) * PIXELS).unwrap_or_default()
    }
}
