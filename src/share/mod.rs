//! A balance in others' hands: a sheet that anybody can read, a packet of stems for a collaborator, and what comes
//! back of either.
//!
//! [`Sheet`] writes the balance as one web page, which loads back. [`Packet`] writes stems with all that belongs to
//! them, and measures that they and the rest are the mix. [`Merge`] finds what was changed in a packet, a sheet or a
//! balance that comes back, and takes what is wanted of it.

mod checksum;
mod choose;
mod drawing;
mod error;
mod manifest;
mod merge;
mod packet;
mod page;
mod purpose;
mod readings;
mod readme;
mod returned;
mod settings;
mod sheet;

pub use error::ShareError;
pub use manifest::{FileEntry, Manifest, Null, StemEntry};
pub use merge::{Change, Changes, Merge, MergeJob};
pub use packet::{MAX_RESIDUAL_DB, Packet, PacketJob, PacketReport};
pub use page::page;
pub use purpose::{Contents, Purpose};
pub use readings::{Meters, Readings};
pub use sheet::{Sheet, SheetJob, name_of};
