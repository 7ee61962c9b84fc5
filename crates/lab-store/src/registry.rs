//! Blueprints, and the table that each family makes of its own.

use lab_runtime::{Protection, Runtime, Without};

use crate::weakened::weakened;
use crate::{Guarantee, Inside, Site, Store, StoreError};

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
    /// Looks past the store at what lies at its site.
    pub inside: fn(&Site) -> Result<Box<dyn Inside>, StoreError>,
}

/// A store that has to do without one of its protections, for the lab to find out.
#[derive(Clone, Copy)]
pub struct Mutant {
    /// `family/mechanism~protection`; it promises what the whole store promises.
    pub entry: Entry,
    /// The name of the whole store.
    pub of: &'static str,
    /// What it lacks.
    pub lacked: Protection,
    /// Why no suite can notice yet; none where one has to.
    pub unseen: Option<&'static str>,
}

/// Opens the store of a blueprint without the protection of that number.
///
/// # Errors
/// Those of [`Blueprint::open`].
pub fn open_without<B: Blueprint, R: Runtime, const LACKED: u8>(
    site: &Site,
) -> Result<Box<dyn Store>, StoreError> {
    let store = B::open::<Without<R, LACKED>>(site)?;
    Ok(weakened(store, Protection::ALL[usize::from(LACKED)]))
}

/// Declares the stores of a family: the family's name, what it needs, and what looks at a site past
/// every store (see [`Inside`]); then one line a store with its
/// module (the file, and the second half of the store's name) and its [`Blueprint`]. What protects
/// the store may follow: each [`Protection`] without which the lab is to find it broken, and where
/// no suite of the lab can do that yet, `unseen` and why.
///
/// Writes `FAMILY`, `entries::<R>()` and `mutants::<R>()`.
#[macro_export]
macro_rules! registry {
    (
        family $family:literal needs $needs:ident inside $inside:path;
        $(mod $module:ident: $blueprint:ident
            $(without $($protection:ident $(unseen $why:literal)?),+)?;)+
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
                inside: $inside,
            }),+]
        }

        /// Each store of this family without each of its protections, on the runtime `R`.
        pub fn mutants<R: $crate::lab_runtime::Runtime>() -> Vec<$crate::Mutant> {
            vec![$($($($crate::Mutant {
                entry: $crate::Entry {
                    name: concat!(
                        $family, "/", stringify!($module), "~", stringify!($protection)
                    ),
                    family: FAMILY,
                    guarantee: <$module::$blueprint as $crate::Blueprint>::GUARANTEE,
                    open: $crate::open_without::<$module::$blueprint, R, {
                        $crate::lab_runtime::Protection::named(stringify!($protection)) as u8
                    }>,
                    inside: $inside,
                },
                of: concat!($family, "/", stringify!($module)),
                lacked: const {
                    $crate::lab_runtime::Protection::named(stringify!($protection))
                },
                unseen: <[&'static str]>::first(&[$($why)?]).copied(),
            },)+)?)+]
        }
    };
}
