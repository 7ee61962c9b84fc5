//! The folder of a store that keeps files. Each schedule begins with what lay there when the tasks
//! of the scenario had been made: to put that back is a write, and the store would take a dozen
//! calls to make it again.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use lab_store::StoreError;
use lab_task::Task;

pub(crate) struct Folder {
    path: PathBuf,
    start: Option<Start>,
}

/// What each schedule finds.
struct Start {
    files: BTreeMap<OsString, Vec<u8>>,
    tasks: Vec<Task>,
}

impl Folder {
    /// Of nothing so far.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, start: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The tasks with which each schedule begins, once they are made.
    pub(crate) fn tasks(&self) -> Option<&[Task]> {
        self.start.as_ref().map(|start| start.tasks.as_slice())
    }

    /// From here on schedules begin with other tasks.
    pub(crate) fn forget(&mut self) {
        self.start = None;
    }

    /// Makes the folder, or empties it.
    pub(crate) fn empty(&self) -> Result<(), StoreError> {
        let emptied = fs::create_dir_all(&self.path).and_then(|()| self.leave(&BTreeMap::new()));
        emptied.map_err(|error| self.unavailable(&error))
    }

    /// What lies there now is what each schedule begins with.
    pub(crate) fn keep(&mut self, tasks: Vec<Task>) -> Result<(), StoreError> {
        let files = self.read().map_err(|error| self.unavailable(&error))?;
        self.start = Some(Start { files, tasks });
        Ok(())
    }

    /// Puts back what each schedule begins with.
    pub(crate) fn restore(&self) -> Result<(), StoreError> {
        let Some(start) = &self.start else { return Ok(()) };
        self.leave(&start.files).map_err(|error| self.unavailable(&error))
    }

    fn read(&self) -> io::Result<BTreeMap<OsString, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for found in fs::read_dir(&self.path)? {
            let found = found?;
            files.insert(found.file_name(), fs::read(found.path())?);
        }
        Ok(files)
    }

    /// Leaves these files there and no other. A file that is there is written in place: another one
    /// would cost the file system three times as much.
    fn leave(&self, files: &BTreeMap<OsString, Vec<u8>>) -> io::Result<()> {
        let mut there = 0;
        for found in fs::read_dir(&self.path)? {
            let found = found?;
            match files.get(&found.file_name()) {
                Some(bytes) => {
                    rewrite(&found.path(), bytes)?;
                    there += 1;
                }
                None => fs::remove_file(found.path())?,
            }
        }
        if there < files.len() {
            for (name, bytes) in files {
                fs::write(self.path.join(name), bytes)?;
            }
        }
        Ok(())
    }

    fn unavailable(&self, error: &io::Error) -> StoreError {
        StoreError::unavailable(self.path.display(), error)
    }
}

fn rewrite(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder below the one for temporary files, removed with the value.
    struct Temporary(Folder);

    impl Temporary {
        fn new(name: &str) -> Self {
            let name = format!("racelab-folder-{}-{name}", std::process::id());
            let folder = Folder::new(std::env::temp_dir().join(name));
            folder.empty().unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.path.join(name), text).unwrap();
        }

        fn files(&self) -> Vec<(String, String)> {
            let files = self.0.read().unwrap().into_iter();
            let text = |bytes| String::from_utf8(bytes).unwrap();
            files.map(|(name, bytes)| (name.into_string().unwrap(), text(bytes))).collect()
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0.path);
        }
    }

    #[test]
    fn what_was_kept_is_put_back_whatever_became_of_it() {
        let mut temporary = Temporary::new("put_back");
        temporary.write("tasks.json", "ten letters");
        temporary.write("tasks.lock", "");
        temporary.0.keep(Vec::new()).unwrap();
        let kept = temporary.files();
        temporary.write("tasks.json", "longer than it was before");
        temporary.write("tasks.lock", "held");
        temporary.write("tasks.tmp", "left behind");
        temporary.0.restore().unwrap();
        assert_eq!(temporary.files(), kept);
        temporary.write("tasks.json", "short");
        fs::remove_file(temporary.0.path.join("tasks.lock")).unwrap();
        temporary.0.restore().unwrap();
        assert_eq!(temporary.files(), kept);
    }

    #[test]
    fn what_is_forgotten_is_emptied() {
        let mut temporary = Temporary::new("emptied");
        temporary.write("tasks.json", "x");
        temporary.0.keep(Vec::new()).unwrap();
        assert_eq!(temporary.0.tasks(), Some(&[][..]));
        temporary.0.forget();
        temporary.0.empty().unwrap();
        assert_eq!((temporary.files(), temporary.0.tasks()), (Vec::new(), None));
    }
}
