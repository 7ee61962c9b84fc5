//! SQLite's C interface by hand, with the statements of the stores: what is left for a wrapper to
//! lose.
#![expect(unsafe_code, reason = "this is what the safe wrapper is compared with")]

use std::ffi::{CStr, CString, c_int};
use std::path::Path;
use std::ptr;

use lab_runtime::Threads;
use lab_store::{Blueprint, Site, Store, StoreError};
use lab_task::{Outcome, Refusal, Version};
use rusqlite::ffi;
use store_sqlite::immediate::Immediate;

use crate::peer::{AddMinutes, Edits, PeerStore};

const SELECT: &CStr =
    c"SELECT id, title, description, status, minutes, version FROM task WHERE id = ?1";
const UPDATE: &CStr = c"UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
                        version = version + 1 WHERE id = ?1 RETURNING version";
const UPDATE_IF_CURRENT: &CStr =
    c"UPDATE task SET title = ?2, description = ?3, status = ?4, minutes = ?5, \
      version = version + 1 WHERE id = ?1 AND version = ?6 RETURNING version";

const ATTEMPTS_MAX: u32 = 1_000;
const BUSY_MS: c_int = 10_000;

/// BEGIN IMMEDIATE, SELECT, UPDATE, COMMIT.
pub(crate) fn immediate(site: &Site) -> Result<Box<dyn Store>, StoreError> {
    open(site, true)
}

/// SELECT, UPDATE ... WHERE version = ?, and again if no row had it.
pub(crate) fn optimistic(site: &Site) -> Result<Box<dyn Store>, StoreError> {
    open(site, false)
}

/// A store of the lab makes the database and the tasks, and reads them afterwards.
fn open(site: &Site, is_immediate: bool) -> Result<Box<dyn Store>, StoreError> {
    let store = Immediate::open::<Threads>(site)?;
    let path = site.directory.join("tasks.db");
    let session =
        move || Ok(Edits { own: Link::open(&path, is_immediate)?, rest: store.session()? });
    Ok(Box::new(PeerStore(session)))
}

/// A connection and its statements. The statements belong to the connection.
struct Link {
    database: *mut ffi::sqlite3,
    select: *mut ffi::sqlite3_stmt,
    update: *mut ffi::sqlite3_stmt,
    begin: *mut ffi::sqlite3_stmt,
    commit: *mut ffi::sqlite3_stmt,
    is_immediate: bool,
    row: Row,
}

/// What a SELECT read, in buffers that are used again.
#[derive(Default)]
struct Row {
    texts: [Vec<u8>; 3],
    minutes: i64,
    version: i64,
}

// SAFETY: a connection may be used by any thread, one at a time, and `Link` is not `Sync`.
unsafe impl Send for Link {}

impl Drop for Link {
    fn drop(&mut self) {
        // SAFETY: the pointers come from SQLite, are used nowhere else, and finalize and close
        // take null. The statements go before their connection.
        unsafe {
            for statement in [self.select, self.update, self.begin, self.commit] {
                ffi::sqlite3_finalize(statement);
            }
            ffi::sqlite3_close(self.database);
        }
    }
}

impl AddMinutes for Link {
    fn add_minutes(&mut self, id: i64, minutes: i64) -> Result<Outcome, StoreError> {
        for _ in 0..ATTEMPTS_MAX {
            if self.is_immediate {
                self.run(self.begin)?;
            }
            let is_there = self.read(id)?;
            self.row.minutes += minutes;
            let version = if is_there { self.write(id)? } else { None };
            if self.is_immediate {
                self.run(self.commit)?;
            }
            match version {
                Some(version) => return Ok(Outcome::Applied(Version(version.cast_unsigned()))),
                None if !is_there => return Ok(Outcome::Refused(Refusal::NotFound)),
                None => {}
            }
        }
        Err(StoreError::Contended { what: "the database".to_owned(), attempts: ATTEMPTS_MAX })
    }
}

impl Link {
    fn open(path: &Path, is_immediate: bool) -> Result<Self, StoreError> {
        let null = ptr::null_mut();
        let mut link = Self {
            database: ptr::null_mut(),
            select: null,
            update: null,
            begin: null,
            commit: null,
            is_immediate,
            row: Row::default(),
        };
        let name = path.to_str().and_then(|path| CString::new(path).ok());
        let no_name = || StoreError::unavailable(path.display(), "its path is not plain text");
        let name = name.ok_or_else(no_name)?;
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_NOMUTEX;
        // SAFETY: the name is a C string, and `database` a place for a pointer.
        let opened =
            unsafe { ffi::sqlite3_open_v2(name.as_ptr(), &mut link.database, flags, ptr::null()) };
        link.check(opened)?;
        // SAFETY: the connection is open.
        link.check(unsafe { ffi::sqlite3_busy_timeout(link.database, BUSY_MS) })?;
        let synchronous = link.prepare(c"PRAGMA synchronous = FULL")?;
        let set = link.step(synchronous);
        // SAFETY: `prepare` gave it, and nobody has it any more.
        unsafe { ffi::sqlite3_finalize(synchronous) };
        set?;
        link.select = link.prepare(SELECT)?;
        link.update = link.prepare(if is_immediate { UPDATE } else { UPDATE_IF_CURRENT })?;
        link.begin = link.prepare(c"BEGIN IMMEDIATE")?;
        link.commit = link.prepare(c"COMMIT")?;
        Ok(link)
    }

    /// Reads a row into the buffers; whether there is one.
    fn read(&mut self, id: i64) -> Result<bool, StoreError> {
        let select = self.select;
        // SAFETY: the statement is ours and has this parameter.
        unsafe { ffi::sqlite3_bind_int64(select, 1, id) };
        let is_there = self.step(select)?;
        if is_there {
            for (text, column) in self.row.texts.iter_mut().zip(1..) {
                text.clear();
                // SAFETY: the statement stands on a row; the pointer is to so many bytes, and
                // valid until the statement is stepped or reset.
                text.extend_from_slice(unsafe {
                    let start = ffi::sqlite3_column_text(select, column);
                    let bytes = ffi::sqlite3_column_bytes(select, column);
                    if start.is_null() {
                        &[]
                    } else {
                        std::slice::from_raw_parts(start, usize::try_from(bytes).unwrap_or(0))
                    }
                });
            }
            // SAFETY: the statement stands on a row with these columns.
            (self.row.minutes, self.row.version) = unsafe {
                (ffi::sqlite3_column_int64(select, 4), ffi::sqlite3_column_int64(select, 5))
            };
        }
        self.reset(select)?;
        Ok(is_there)
    }

    /// Writes the buffers back; the new version, if a row was found.
    fn write(&mut self, id: i64) -> Result<Option<i64>, StoreError> {
        let update = self.update;
        // SAFETY: the statement is ours; the texts are not touched before it is reset, so SQLite
        // need not copy them (a destructor of `None` is SQLITE_STATIC). A sixth parameter that the
        // statement does not have is an error without consequences.
        unsafe {
            ffi::sqlite3_bind_int64(update, 1, id);
            for (text, at) in self.row.texts.iter().zip(2..) {
                let bytes = c_int::try_from(text.len()).unwrap_or(c_int::MAX);
                ffi::sqlite3_bind_text(update, at, text.as_ptr().cast(), bytes, None);
            }
            ffi::sqlite3_bind_int64(update, 5, self.row.minutes);
            ffi::sqlite3_bind_int64(update, 6, self.row.version);
        }
        let mut version = None;
        while self.step(update)? {
            // SAFETY: the statement stands on a row with this column.
            version = Some(unsafe { ffi::sqlite3_column_int64(update, 0) });
        }
        self.reset(update)?;
        Ok(version)
    }

    fn prepare(&self, sql: &CStr) -> Result<*mut ffi::sqlite3_stmt, StoreError> {
        let mut statement = ptr::null_mut();
        // SAFETY: the connection is open, the text ends with a NUL, `statement` is a place for a
        // pointer, and nobody wants the rest of the text.
        let prepared = unsafe {
            let rest = ptr::null_mut();
            ffi::sqlite3_prepare_v2(self.database, sql.as_ptr(), -1, &mut statement, rest)
        };
        self.check(prepared)?;
        Ok(statement)
    }

    /// A statement without a row.
    fn run(&self, statement: *mut ffi::sqlite3_stmt) -> Result<(), StoreError> {
        self.step(statement)?;
        self.reset(statement)
    }

    /// Whether there is a row.
    fn step(&self, statement: *mut ffi::sqlite3_stmt) -> Result<bool, StoreError> {
        // SAFETY: the statement is one of this connection, and not finalized.
        match unsafe { ffi::sqlite3_step(statement) } {
            ffi::SQLITE_ROW => Ok(true),
            ffi::SQLITE_DONE => Ok(false),
            code => {
                let _ = self.reset(statement);
                self.check(code).map(|()| false)
            }
        }
    }

    fn reset(&self, statement: *mut ffi::sqlite3_stmt) -> Result<(), StoreError> {
        // SAFETY: the statement is one of this connection, and not finalized.
        self.check(unsafe { ffi::sqlite3_reset(statement) })
    }

    fn check(&self, code: c_int) -> Result<(), StoreError> {
        if code == ffi::SQLITE_OK {
            return Ok(());
        }
        // SAFETY: errmsg takes null, and gives a C string that is valid until the next call.
        let message = unsafe { CStr::from_ptr(ffi::sqlite3_errmsg(self.database)) };
        Err(StoreError::unavailable("the database", message.to_string_lossy()))
    }
}
