//! What is still there when the process is told to end, and its removal.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};
use std::{fs, process, thread};

use lab_store::{Needs, Site};
use tempfile::TempDir;

use crate::drop_namespace;

/// What shells report of a process that Ctrl-C ended.
const EXIT_INTERRUPTED: i32 = 130;

/// How often a folder is emptied in which others go on to make files.
const REMOVALS_MAX: usize = 1000;

type Notice = Box<dyn Fn() + Send>;

static NOTICE: Mutex<Option<Notice>> = Mutex::new(None);
static LIVE: Mutex<BTreeMap<String, (Site, Needs)>> = Mutex::new(BTreeMap::new());

/// Makes a site, which from then on is removed when the process is told to end: that waits until
/// the site is made and known.
pub(crate) fn make<E>(
    needs: Needs,
    make: impl FnOnce() -> Result<(Site, Option<TempDir>), E>,
) -> Result<(Site, Option<TempDir>), E> {
    handle();
    let mut live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    let (site, folder) = make()?;
    live.insert(site.namespace.clone(), (site.clone(), needs));
    Ok((site, folder))
}

/// When the process is told to end for the first time, calls `notice` and goes on: whoever is at
/// work ends it soon, and with a result. Told again, it ends at once.
pub fn on_interrupt(notice: impl Fn() + Send + 'static) {
    handle();
    *NOTICE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(notice));
}

fn handle() {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        // Where somebody else handles the signals already, the end is theirs to tidy up.
        let _ = ctrlc::set_handler(|| {
            let notice = NOTICE.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(notice) = notice {
                return notice();
            }
            remove_all_and_exit();
        });
    });
}

/// The site is gone.
pub(crate) fn forget(site: &Site) {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(&site.namespace);
}

/// Who is at work finds its site gone and fails. It waits here when it drops what it has, so that
/// the process ends by this and not by that error.
fn remove_all_and_exit() -> ! {
    let live = LIVE.lock().unwrap_or_else(PoisonError::into_inner);
    for (site, needs) in live.values() {
        if !site.directory.as_os_str().is_empty() {
            remove(&site.directory);
        }
        drop_namespace(site, *needs);
    }
    lab_servers::end();
    process::exit(EXIT_INTERRUPTED)
}

/// Removes a folder in which other threads may still be at work.
fn remove(folder: &Path) {
    for _ in 0..REMOVALS_MAX {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => thread::yield_now(),
            _ => return,
        }
    }
}
