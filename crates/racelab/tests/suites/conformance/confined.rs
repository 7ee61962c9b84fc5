//! Threads whose rights or whose file systems are their own, so that a test may take rights away
//! or fill a disk, and nothing is left of that when the thread ends, however it does.

use std::fs::File;
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

/// Carries out `body` in a thread that is not the superuser's, whom no permission binds.
pub(crate) fn as_nobody<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    in_thread(|| {
        system::become_nobody();
        body()
    })
}

/// Whether permissions keep the calling thread from making a file in `folder`.
pub(crate) fn is_kept_out_of(folder: &Path) -> bool {
    File::create_new(folder.join("probe")).is_err()
}

/// Carries out `body` with a new, empty file system of `size_kib` mounted at `folder`, which
/// nobody else sees.
///
/// # Errors
/// Why there cannot be one here.
pub(crate) fn on_disk_of<T: Send>(
    size_kib: u32,
    folder: &Path,
    body: impl FnOnce() -> T + Send,
) -> Result<T, String> {
    in_thread(|| {
        system::mount_privately(size_kib, folder)?;
        Ok(body())
    })
}

fn in_thread<T: Send>(body: impl FnOnce() -> T + Send) -> T {
    let ended = thread::scope(|scope| scope.spawn(body).join());
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

#[cfg(target_os = "linux")]
mod system {
    use std::ffi::CString;
    use std::path::Path;

    use rustix::io;
    use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
    use rustix::thread::{Uid, UnshareFlags, set_thread_res_uid};

    /// The user id that everybody reserves for nobody.
    const NOBODY: u32 = 65_534;

    /// Linux keeps rights by thread. Whoever may not do this is bound by permissions already.
    pub(super) fn become_nobody() {
        let nobody = Uid::from_raw(NOBODY);
        let _ = set_thread_res_uid(nobody, nobody, nobody);
    }

    pub(super) fn mount_privately(size_kib: u32, folder: &Path) -> Result<(), String> {
        let options = CString::new(format!("size={size_kib}k")).unwrap();
        let mounted = leave_shared_mounts()
            .and_then(|()| mount("none", folder, "tmpfs", MountFlags::empty(), &*options));
        mounted.map_err(|error| format!("this user may not mount one: {error}"))
    }

    /// What the calling thread mounts from now on is seen by it alone, and goes when it ends.
    fn leave_shared_mounts() -> io::Result<()> {
        #[expect(
            deprecated,
            reason = "unsafe only with FILES, and the one that is not is `unsafe`"
        )]
        rustix::thread::unshare(UnshareFlags::NEWNS)?;
        mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::path::Path;

    pub(super) fn become_nobody() {}

    pub(super) fn mount_privately(_size_kib: u32, _folder: &Path) -> Result<(), String> {
        Err("this system has no file systems for one thread".to_owned())
    }
}
