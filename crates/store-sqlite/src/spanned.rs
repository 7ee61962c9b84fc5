//! SQLite's own file system, with the times of its reads, writes and syncs: a commit is all of
//! them, and from outside a statement like any other.
//!
//! Only a runtime that takes times gets it. A file is opened by SQLite's file system, and its table
//! of methods is exchanged for a copy in which three of them call the original within a span.
#![expect(unsafe_code, reason = "SQLite calls its file system through C functions")]

use std::any::type_name;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr;
use std::sync::{Mutex, PoisonError};

use lab_runtime::{Runtime, Span};
use rusqlite::ffi::{
    SQLITE_IOERR, SQLITE_OK, sqlite3_file, sqlite3_int64, sqlite3_io_methods, sqlite3_vfs,
    sqlite3_vfs_find, sqlite3_vfs_register,
};

/// A table of methods, and the one that it was made from.
#[repr(C)]
struct Spanned {
    methods: sqlite3_io_methods,
    original: *const sqlite3_io_methods,
}

/// The tables that were made: for which runtime, from which one, and where they are.
static MADE: Mutex<Vec<(&'static str, usize, usize)>> = Mutex::new(Vec::new());

/// The name of the file system whose spans the runtime `R` times; `None` where SQLite has none.
pub(crate) fn of<R: Runtime>() -> Option<CString> {
    let name = CString::new(format!("spans of {}", type_name::<R>())).ok()?;
    // Only one thread at a time may look whether it is there, and make it.
    let _made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: it takes a string and gives nothing, or a file system that lives on.
    if !unsafe { sqlite3_vfs_find(name.as_ptr()) }.is_null() {
        return Some(name);
    }
    // SAFETY: the default is SQLite's own, which is there for ever and is never changed.
    let own = unsafe { sqlite3_vfs_find(ptr::null()).as_ref()? };
    let spanned = sqlite3_vfs {
        zName: name.clone().into_raw(),
        pNext: ptr::null_mut(),
        xOpen: Some(open::<R>),
        ..*own
    };
    // SAFETY: it is whole and is never freed.
    let code = unsafe { sqlite3_vfs_register(Box::leak(Box::new(spanned)), 0) };
    (code == SQLITE_OK).then_some(name)
}

/// Opens as SQLite does, and exchanges the methods of the file.
///
/// # Safety
/// SQLite calls it, with a file that has as much room as its own file system asks for.
unsafe extern "C" fn open<R: Runtime>(
    _vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    flags_out: *mut c_int,
) -> c_int {
    // SAFETY: as above, and the arguments are SQLite's own.
    unsafe {
        let own = sqlite3_vfs_find(ptr::null());
        let Some(open) = own.as_ref().and_then(|own| own.xOpen) else { return SQLITE_IOERR };
        let code = open(own, name, file, flags, flags_out);
        if code == SQLITE_OK && !(*file).pMethods.is_null() {
            (*file).pMethods = spanned::<R>((*file).pMethods);
        }
        code
    }
}

/// A copy of `original` with spans; the same each time, for there are few and none is freed.
fn spanned<R: Runtime>(original: *const sqlite3_io_methods) -> *const sqlite3_io_methods {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let (runtime, from) = (type_name::<R>(), original.addr());
    if let Some((_, _, to)) = made.iter().find(|one| one.0 == runtime && one.1 == from) {
        return ptr::with_exposed_provenance(*to);
    }
    // SAFETY: the tables of SQLite's file system are constants.
    let methods = sqlite3_io_methods {
        xRead: Some(read::<R>),
        xWrite: Some(write::<R>),
        xSync: Some(sync::<R>),
        ..unsafe { *original }
    };
    let spanned: &Spanned = Box::leak(Box::new(Spanned { methods, original }));
    // The whole of it, not its first field alone: the original stands behind that.
    let address = ptr::from_ref(spanned).expose_provenance();
    made.push((runtime, from, address));
    ptr::with_exposed_provenance(address)
}

/// The methods that the file had at first.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn original(file: *mut sqlite3_file) -> sqlite3_io_methods {
    // SAFETY: its methods are the first field of a table that was made here.
    unsafe { *(*(*file).pMethods.cast::<Spanned>()).original }
}

/// # Safety
/// SQLite calls it, with a file that [`open`] opened.
unsafe extern "C" fn read<R: Runtime>(
    file: *mut sqlite3_file,
    to: *mut c_void,
    bytes: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: as above.
    let read = unsafe { original(file) }.xRead;
    // SAFETY: the arguments are SQLite's own.
    R::span(Span::Read, || read.map_or(SQLITE_IOERR, |read| unsafe { read(file, to, bytes, at) }))
}

/// # Safety
/// SQLite calls it, with a file that [`open`] opened.
unsafe extern "C" fn write<R: Runtime>(
    file: *mut sqlite3_file,
    from: *const c_void,
    bytes: c_int,
    at: sqlite3_int64,
) -> c_int {
    // SAFETY: as above.
    let write = unsafe { original(file) }.xWrite;
    R::span(Span::Write, || {
        // SAFETY: the arguments are SQLite's own.
        write.map_or(SQLITE_IOERR, |write| unsafe { write(file, from, bytes, at) })
    })
}

/// # Safety
/// SQLite calls it, with a file that [`open`] opened.
unsafe extern "C" fn sync<R: Runtime>(file: *mut sqlite3_file, flags: c_int) -> c_int {
    // SAFETY: as above.
    let sync = unsafe { original(file) }.xSync;
    // SAFETY: the arguments are SQLite's own.
    R::span(Span::Sync, || sync.map_or(SQLITE_IOERR, |sync| unsafe { sync(file, flags) }))
}
