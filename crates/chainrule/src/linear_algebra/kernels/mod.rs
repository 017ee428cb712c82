//! The loops that all arithmetic ends in, compiled for each instruction set: register tiles, dot products, column sums,
//! running sums, look-ups, and the copies that they read. The only code of the crate that works with pointers, beside
//! its callers in [`super`].

pub(super) mod column_sums;
pub(super) mod dot;
pub(crate) mod factor;
pub(super) mod narrow;
pub(super) mod packing;
pub(super) mod running;
pub(super) mod shape;
pub(super) mod sparse;
pub(super) mod strips;
pub(super) mod tile;
