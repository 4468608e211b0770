//! A saved run on its way between page and worker: a checkpoint file behind 16 bytes that the page can read without parsing it.

/// First byte of a saved run's message.
pub const TAG: u8 = b'C';
/// Tag, three zero bytes, run (u32), step (u64), little-endian.
const PREFIX: usize = 16;

/// Which run and step a checkpoint is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavedRun {
    /// The page's number for the run.
    pub run: u32,
    /// Steps done.
    pub step: u64,
}

impl SavedRun {
    /// The message that carries the checkpoint file `file`.
    pub fn wrap(self, file: &[u8]) -> Vec<u8> {
        let mut message = Vec::with_capacity(PREFIX + file.len());
        message.extend([TAG, 0, 0, 0]);
        message.extend(self.run.to_le_bytes());
        message.extend(self.step.to_le_bytes());
        message.extend(file);
        message
    }

    /// The checkpoint file in a message; empty if the message is too short.
    pub fn unwrap(message: &[u8]) -> &[u8] {
        message.get(PREFIX..).unwrap_or_default()
    }

    /// From the first 16 bytes of a message.
    pub fn of(message: &[u8]) -> Option<Self> {
        let prefix = message.get(..PREFIX).filter(|prefix| prefix[..4] == [TAG, 0, 0, 0])?;
        let run = u32::from_le_bytes(prefix[4..8].try_into().ok()?);
        Some(Self { run, step: u64::from_le_bytes(prefix[8..].try_into().ok()?) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_which_run_it_is_of_and_holds_the_file() {
        let saved = SavedRun { run: 7, step: 1 << 40 };
        let message = saved.wrap(b"file");
        assert_eq!((SavedRun::of(&message), SavedRun::unwrap(&message)), (Some(saved), &b"file"[..]));
        assert_eq!((SavedRun::of(&message[..15]), SavedRun::unwrap(b"C")), (None, &b""[..]));
        assert_eq!(SavedRun::of(&[b'F'; 20]), None);
    }
}
