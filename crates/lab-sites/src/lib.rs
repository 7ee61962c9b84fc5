//! A place of its own for each store that is opened: a temporary folder, or a namespace of a
//! server. What is made here is removed when it is dropped, also by a panic, and when the process
//! is told to end by Ctrl-C, SIGTERM or SIGHUP.

mod interrupted;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

pub use interrupted::on_interrupt;
use lab_servers::{Alone, Prerequisite, ServerError};
use lab_store::{Needs, Site};
use tempfile::TempDir;

/// Where sites are made.
#[derive(Clone, Debug)]
pub struct Sites {
    folder: PathBuf,
    are_alone: bool,
}

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No folder can be made.
    #[error(
        "{} cannot hold a temporary folder: {}; name another folder", .folder.display(), .why.kind()
    )]
    Folder {
        /// Where it was tried.
        folder: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// There is no server.
    #[error("{server}: {why}")]
    Server {
        /// Which one.
        server: Prerequisite,
        /// Why not.
        why: ServerError,
    },
}

impl Sites {
    /// Temporary folders where they are fastest: in memory where the system has such a file
    /// system, else wherever temporary files go.
    pub fn fastest() -> Self {
        let in_memory = Path::new("/dev/shm");
        if tempfile::tempfile_in(in_memory).is_ok() {
            return Self::in_folder(in_memory.to_owned());
        }
        Self::in_folder(std::env::temp_dir())
    }

    /// Temporary folders in `folder`, to try that file system.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, are_alone: false }
    }

    /// From now on a site on a server has that server for itself, as long as it lives: several
    /// explorations at one time would each see what the others leave in it.
    pub fn alone(self) -> Self {
        Self { are_alone: true, ..self }
    }

    /// The folder that the temporary ones are made in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A new, empty site with what `needs` asks for.
    ///
    /// # Errors
    /// The folder cannot be made, or the server is missing.
    pub fn make(&self, needs: Needs) -> Result<OwnSite, SiteError> {
        let (url, alone) = match needs {
            Needs::Postgres => self.postgres()?,
            Needs::Nothing | Needs::Directory | Needs::Database => (None, None),
        };
        let (site, folder) = interrupted::make(needs, || {
            let folder = match needs {
                Needs::Directory | Needs::Database => Some(self.make_folder()?),
                Needs::Nothing | Needs::Postgres => None,
            };
            let directory = folder.as_ref().map_or(PathBuf::new(), |made| made.path().to_owned());
            Ok::<_, SiteError>((Site { directory, url, namespace: namespace() }, folder))
        })?;
        Ok(OwnSite { site, needs, _folder: folder, _alone: alone })
    }

    fn make_folder(&self) -> Result<TempDir, SiteError> {
        let made = tempfile::Builder::new().prefix("racelab-").tempdir_in(&self.folder);
        made.map_err(|why| SiteError::Folder { folder: self.folder.clone(), why })
    }

    /// The URL of a server, and what keeps others from it.
    fn postgres(&self) -> Result<(Option<String>, Option<Alone>), SiteError> {
        let missing = |why| SiteError::Server { server: Prerequisite::Postgres, why };
        if self.are_alone {
            let server = lab_servers::postgres_alone().map_err(missing)?;
            return Ok((Some(server.url().to_owned()), Some(server)));
        }
        let server = lab_servers::postgres().map_err(missing)?;
        Ok((Some(server.url().to_owned()), None))
    }
}

/// A name that no other process and no other site of this process uses.
fn namespace() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("racelab_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A site that is removed when this is dropped.
#[derive(Debug)]
pub struct OwnSite {
    site: Site,
    needs: Needs,
    _folder: Option<TempDir>,
    _alone: Option<Alone>,
}

impl Deref for OwnSite {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Drop for OwnSite {
    fn drop(&mut self) {
        interrupted::forget(&self.site);
        drop_namespace(&self.site, self.needs);
    }
}

/// Removes what a site has on a server. If that fails the server is private and goes as a whole,
/// or cannot be reached, and nobody is there to be told.
fn drop_namespace(site: &Site, needs: Needs) {
    if needs == Needs::Postgres {
        let _ = store_postgres::drop_namespace(site);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_folder_of_its_own_that_goes_with_it() {
        let sites = Sites::fastest();
        let [one, other] = [(), ()].map(|()| sites.make(Needs::Directory).unwrap());
        assert_ne!(one.directory, other.directory);
        assert_ne!(one.namespace, other.namespace);
        let folder = one.directory.clone();
        assert!(folder.is_dir());
        drop(one);
        assert!(!folder.exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let sites = Sites::in_folder(PathBuf::from("/nowhere"));
        let error = sites.make(Needs::Directory).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere cannot hold a temporary folder: "), "{error}");
    }
}
