//! What lies in a folder, without any store.

use std::fs;
use std::path::PathBuf;

use lab_store::{Inside, Lying, Site, StoreError};

use crate::files::definite;

/// The files of the site's folder, line by line.
pub(crate) fn inside(site: &Site) -> Result<Box<dyn Inside>, StoreError> {
    Ok(Box::new(Folder(site.directory.clone())))
}

struct Folder(PathBuf);

impl Inside for Folder {
    fn lines(&mut self) -> Result<Vec<Lying>, StoreError> {
        let failed = |error| definite(&self.0, &error);
        let mut lines = Vec::new();
        for file in fs::read_dir(&self.0).map_err(failed)? {
            let file = file.map_err(failed)?;
            let place = file.file_name().to_string_lossy().into_owned();
            // A private file is nobody's tasks until it is renamed.
            if place.ends_with(".tmp") {
                continue;
            }
            let bytes = fs::read(file.path()).map_err(failed)?;
            let lines_of_bytes = bytes.split_inclusive(|byte| *byte == b'\n');
            // Room that a journal makes before it is needed holds nothing.
            let filled = lines_of_bytes.filter(|line| line.iter().any(|byte| *byte != 0));
            lines.extend(filled.map(|line| {
                let text = line.trim_ascii_end().escape_ascii().to_string();
                let text = text.replace("\\\"", "\"").replace("\\'", "'");
                Lying { place: place.clone(), id: None, text }
            }));
        }
        Ok(lines)
    }
}
