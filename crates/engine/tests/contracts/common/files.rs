//! Checkpoints taken apart and put together again, with a right checksum: what a later or a hostile program could write.

use gatelab_engine::training::checkpoint::METADATA;
use gatelab_kernels::Digest;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

/// A tensor of a file: name, type, shape, bytes.
pub(crate) type Raw = (String, Dtype, Vec<usize>, Vec<u8>);

/// The header's text and all tensors.
pub(crate) fn opened(bytes: &[u8]) -> (String, Vec<Raw>) {
    let file = SafeTensors::deserialize(bytes).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(bytes).unwrap();
    let header = metadata.metadata().as_ref().unwrap()[METADATA].clone();
    let raw =
        |(name, view): (String, TensorView<'_>)| (name, view.dtype(), view.shape().to_vec(), view.data().to_vec());
    (header, file.tensors().into_iter().map(raw).collect())
}

/// A file of these, its checksum right.
pub(crate) fn sealed(header: &str, tensors: &[Raw]) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, data)| (name.clone(), TensorView::new(*dtype, shape.clone(), data).unwrap()));
    // The checksum is the last field: 16 digits, a quotation mark and a brace.
    let blank = format!("{}{}\"}}", &header[..header.len() - 18], "0".repeat(16));
    let mut bytes = serialize(views, Some([(METADATA.to_owned(), blank)].into())).unwrap();
    let digits = digest(&bytes).hex();
    let place = bytes.windows(16).position(|window| window == b"0000000000000000").unwrap();
    bytes[place..place + 16].copy_from_slice(digits.as_bytes());
    bytes
}

/// Replaces text in the header.
pub(crate) fn forged(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (header, tensors) = opened(bytes);
    assert!(header.contains(from), "{from} in {header}");
    sealed(&header.replacen(from, to, 1), &tensors)
}

/// Changes the tensors.
pub(crate) fn retensored(bytes: &[u8], change: impl FnOnce(&mut Vec<Raw>)) -> Vec<u8> {
    let (header, mut tensors) = opened(bytes);
    change(&mut tensors);
    sealed(&header, &tensors)
}

fn digest(bytes: &[u8]) -> Digest {
    let mut digest = Digest::default();
    digest.bytes(bytes);
    digest
}
