//! Fresh stores with tasks in them, one after the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use lab_sites::{OwnSite, Sites};
use lab_store::{Needs, Site, Store, StoreError};
use lab_task::Task;

use crate::client::{all_tasks, new_task};
use crate::contender::{How, Open};
use crate::{Contender, MeasureError};

/// A store that takes longer than this to be filled is not measured at that size.
const FILLING_MAX: Duration = Duration::from_secs(4);

/// Where measurements take place. What a store has on disk when it holds so many tasks is made
/// once, where files are fastest, and copied for each measurement.
pub struct Ground {
    sites: Sites,
    templates: BTreeMap<(String, usize), OwnSite>,
}

/// A site of its own for one measurement, with tasks and nobody at work.
pub(crate) struct Fresh {
    pub(crate) store: Box<dyn Store>,
    pub(crate) tasks: Vec<Task>,
    // After the store: fields are dropped in this order.
    pub(crate) site: OwnSite,
}

impl Ground {
    /// Measurements in temporary folders of `sites`.
    pub fn new(sites: Sites) -> Self {
        Self { sites, templates: BTreeMap::new() }
    }

    /// The folder that the stores' folders are made in.
    pub fn folder(&self) -> &Path {
        self.sites.folder()
    }

    /// A fresh site for `contender` with `tasks` tasks.
    pub(crate) fn fresh(
        &mut self,
        contender: &Contender,
        tasks: usize,
    ) -> Result<Fresh, MeasureError> {
        let name = &contender.subject.name;
        let open = contender.open();
        let site = self.sites.make(contender.needs)?;
        let has_files = matches!(contender.needs, Needs::Directory | Needs::Database);
        if has_files {
            copy(&self.template(contender, tasks)?.directory, &site.directory)?;
        }
        let opened = open_filled(open, &site, if has_files { 0 } else { tasks });
        let (store, tasks) = opened.map_err(|why| MeasureError::store(name, why))?;
        Ok(Fresh { store, tasks, site })
    }

    fn template(&mut self, contender: &Contender, tasks: usize) -> Result<&Site, MeasureError> {
        let name = &contender.subject.name;
        let key = (name.clone(), tasks);
        if !self.templates.contains_key(&key) {
            let site = Sites::fastest().make(contender.needs)?;
            open_filled(contender.open(), &site, tasks)
                .map_err(|why| MeasureError::store(name, why))?;
            self.templates.insert(key.clone(), site);
        }
        Ok(&self.templates[&key])
    }
}

impl Contender {
    pub(crate) fn open(&self) -> Open {
        match self.how {
            How::Sessions(open) => open,
            How::External(external) => external.open,
        }
    }
}

/// Opens a store, adds `count` tasks, and reads all that are there.
fn open_filled(
    open: Open,
    site: &Site,
    count: usize,
) -> Result<(Box<dyn Store>, Vec<Task>), StoreError> {
    let store = open(site)?;
    let mut session = store.session()?;
    let new = new_task()?;
    let begin = Instant::now();
    for made in 0..count {
        session.create(&new, None)?;
        if begin.elapsed() > FILLING_MAX {
            let limit = FILLING_MAX.as_secs();
            let why = format!("it made {made} of {count} tasks in {limit} s; measure fewer tasks");
            return Err(StoreError::unavailable("a store of this size", why));
        }
    }
    let tasks = all_tasks(&mut *session)?;
    Ok((store, tasks))
}

fn copy(from: &Path, to: &Path) -> Result<(), MeasureError> {
    let failed = |why| MeasureError::File { path: to.display().to_string(), why };
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(failed)?.is_dir() {
            fs::create_dir(&target).map_err(failed)?;
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map_err(failed)?;
        }
    }
    Ok(())
}
