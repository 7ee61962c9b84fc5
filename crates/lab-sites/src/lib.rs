//! A place of its own for each store that is opened: a temporary folder, or a namespace of a
//! server. What is made here is removed when it is dropped, also by a panic.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use lab_servers::{Server, ServerError};
use lab_store::{Needs, Site};
use tempfile::TempDir;

/// Where temporary folders are made.
#[derive(Clone, Debug)]
pub struct Sites(PathBuf);

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No folder can be made.
    #[error("{} cannot hold a temporary folder: {why}", folder.display())]
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
        server: Server,
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
            return Self(in_memory.to_owned());
        }
        Self(std::env::temp_dir())
    }

    /// Temporary folders in `folder`, to try that file system.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The folder that the temporary ones are made in.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// A new, empty site with what `needs` asks for.
    ///
    /// # Errors
    /// The folder cannot be made, or the server is missing.
    pub fn make(&self, needs: Needs) -> Result<OwnSite, SiteError> {
        let mut site = Site { namespace: namespace(), ..Site::default() };
        let mut folder = None;
        match needs {
            Needs::Nothing => {}
            Needs::Directory | Needs::Database => {
                let made = tempfile::Builder::new().prefix("racelab-").tempdir_in(&self.0);
                let made = made.map_err(|why| SiteError::Folder { folder: self.0.clone(), why })?;
                site.directory = made.path().to_owned();
                folder = Some(made);
            }
            Needs::Postgres => {
                let server = lab_servers::postgres();
                let server =
                    server.map_err(|why| SiteError::Server { server: Server::Postgres, why })?;
                site.url = Some(server.url().to_owned());
            }
        }
        Ok(OwnSite { site, needs, _folder: folder })
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
}

impl Deref for OwnSite {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Drop for OwnSite {
    fn drop(&mut self) {
        if self.needs == Needs::Postgres {
            // The server is private and goes, or a given one, where the next doctor names what is
            // left; a drop has nobody to tell.
            let _ = store_postgres::drop_namespace(&self.site);
        }
    }
}
