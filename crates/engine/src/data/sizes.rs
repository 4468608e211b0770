//! The format that every data set here has. [`SIDE`] and [`CLASSES`] are the only place where the sizes 28 and 10 are written: every
//! other part of the program takes both numbers from here.

/// Rows and columns of an image.
pub const SIDE: usize = 28;

/// Pixels of an image, in row order from the top left: the inputs of the network.
pub const PIXELS: usize = SIDE * SIDE;

/// Classes. Labels are 0..=9.
pub const CLASSES: usize = 10;
