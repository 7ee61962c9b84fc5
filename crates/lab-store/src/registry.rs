//! Blueprints, and the table that each family makes of its own.

use lab_runtime::Runtime;

use crate::{Guarantee, Site, Store, StoreError};

/// How to build one store on any runtime.
pub trait Blueprint {
    /// What it promises.
    const GUARANTEE: Guarantee;

    /// Opens the store at `site`, empty if nothing is kept there yet.
    ///
    /// # Errors
    /// The site cannot be reached, or holds something else.
    fn open<R: Runtime>(site: &Site) -> Result<Box<dyn Store>, StoreError>;
}

/// A family of stores: one kind of place, one crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Family {
    /// The first half of each store's name.
    pub name: &'static str,
    /// What a site must have.
    pub needs: Needs,
}

/// What a family needs of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: the tasks are in memory.
    Nothing,
    /// A folder.
    Directory,
    /// A folder; opening a store there costs more than emptying it.
    Database,
    /// A Postgres server and a namespace there.
    Postgres,
}

/// One store of a catalogue, ready to be opened on the catalogue's runtime.
#[derive(Clone, Copy)]
pub struct Entry {
    /// `family/mechanism`.
    pub name: &'static str,
    /// Its family.
    pub family: Family,
    /// What it promises.
    pub guarantee: Guarantee,
    /// [`Blueprint::open`].
    pub open: fn(&Site) -> Result<Box<dyn Store>, StoreError>,
}

/// Declares the stores of a family: the family's name and needs, then one line a store with its
/// module (the file, and the second half of the store's name) and its [`Blueprint`].
///
/// Writes `FAMILY` and `entries::<R>()`.
#[macro_export]
macro_rules! registry {
    (
        family $family:literal needs $needs:ident;
        $(mod $module:ident: $blueprint:ident;)+
    ) => {
        $(pub mod $module;)+

        /// What this crate is a family of.
        pub const FAMILY: $crate::Family =
            $crate::Family { name: $family, needs: $crate::Needs::$needs };

        /// Every store of this family, to be opened on the runtime `R`.
        pub fn entries<R: $crate::lab_runtime::Runtime>() -> Vec<$crate::Entry> {
            vec![$($crate::Entry {
                name: concat!($family, "/", stringify!($module)),
                family: FAMILY,
                guarantee: <$module::$blueprint as $crate::Blueprint>::GUARANTEE,
                open: <$module::$blueprint as $crate::Blueprint>::open::<R>,
            }),+]
        }
    };
}
