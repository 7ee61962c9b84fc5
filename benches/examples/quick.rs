use lab_runtime::Threads;
use lab_store::*;
use lab_task::*;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let threads: usize = args[1].parse().unwrap();
    let tasks: usize = args[2].parse().unwrap();
    let names: Vec<&str> = args[3..].iter().map(|s| s.as_str()).collect();
    let sites = lab_sites::Sites::in_folder(std::env::temp_dir());
    let mut results = vec![vec![]; names.len()];
    let rounds: usize = std::env::var("ROUNDS").ok().and_then(|r| r.parse().ok()).unwrap_or(5);
    let ms: u64 = std::env::var("MS").ok().and_then(|r| r.parse().ok()).unwrap_or(300);
    for _ in 0..rounds {
        for (i, name) in names.iter().enumerate() {
            if *name == "fetch_add" {
                let a = AtomicU64::new(0);
                let stop = AtomicBool::new(false);
                let n = AtomicU64::new(0);
                let t = Instant::now();
                std::thread::scope(|s| {
                    for _ in 0..threads {
                        s.spawn(|| {
                            let mut c = 0;
                            while !stop.load(Relaxed) {
                                for _ in 0..64 {
                                    a.fetch_add(1, Relaxed);
                                    c += 1;
                                }
                            }
                            n.fetch_add(c, Relaxed);
                        });
                    }
                    std::thread::sleep(Duration::from_millis(ms));
                    stop.store(true, Relaxed);
                });
                results[i].push(n.load(Relaxed) as f64 / t.elapsed().as_secs_f64());
                continue;
            }
            if *name == "serde" {
                #[derive(serde::Serialize, serde::Deserialize, Clone)]
                struct T {
                    id: u64,
                    title: String,
                    description: String,
                    status: String,
                    minutes: u32,
                    version: u64,
                }
                #[derive(serde::Serialize, serde::Deserialize)]
                struct D {
                    last_id: u64,
                    tasks: Vec<T>,
                }
                let dir = tempfile::tempdir_in(std::env::temp_dir()).unwrap();
                let path = dir.path().join("t.json");
                let tmp = dir.path().join("t.tmp");
                let d = D {
                    last_id: tasks as u64,
                    tasks: (1..=tasks as u64)
                        .map(|id| T {
                            id,
                            title: "Write the report".into(),
                            description: "Ten pages, with the figures of last year.".into(),
                            status: "todo".into(),
                            minutes: 0,
                            version: 1,
                        })
                        .collect(),
                };
                std::fs::write(&path, serde_json::to_vec(&d).unwrap()).unwrap();
                let t = Instant::now();
                let mut c = 0u64;
                let mut r = fastrand::Rng::with_seed(1);
                while t.elapsed() < Duration::from_millis(ms) {
                    let mut d: D = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
                    let k = r.u64(1..=tasks as u64);
                    let x = d.tasks.iter_mut().find(|x| x.id == k).unwrap();
                    x.minutes += 1;
                    x.version += 1;
                    std::fs::write(&tmp, serde_json::to_vec(&d).unwrap()).unwrap();
                    std::fs::rename(&tmp, &path).unwrap();
                    c += 1;
                }
                results[i].push(c as f64 / t.elapsed().as_secs_f64());
                continue;
            }
            if *name == "probe" {
                use std::io::Write;
                let mut f = tempfile::tempfile().unwrap();
                let t = Instant::now();
                let mut c = 0u64;
                let buf = [b'x'; 100];
                while t.elapsed() < Duration::from_millis(ms) {
                    f.write_all(&buf).unwrap();
                    f.sync_data().unwrap();
                    c += 1;
                }
                results[i].push(c as f64 / t.elapsed().as_secs_f64());
                continue;
            }
            let entry =
                lab_catalog::entries::<Threads>().into_iter().find(|e| e.name == *name).unwrap();
            let site = sites.make(entry.family.needs).unwrap();
            let store = (entry.open)(&site).unwrap();
            let new = NewTask {
                title: Title::new("Write the report").unwrap(),
                description: Description::new("Ten pages, with the figures of last year.").unwrap(),
            };
            let mut s0 = store.session().unwrap();
            let ids: Vec<TaskId> = (0..tasks).map(|_| s0.create(&new, None).unwrap()).collect();
            let stop = AtomicBool::new(false);
            let n = AtomicU64::new(0);
            let worst = AtomicU64::new(0);
            let mn = AtomicU64::new(u64::MAX);
            let mx = AtomicU64::new(0);
            let t = Instant::now();
            std::thread::scope(|s| {
                for k in 0..threads {
                    let mut sess = store.session().unwrap();
                    let (stop, n, ids, worst, mn, mx) = (&stop, &n, &ids, &worst, &mn, &mx);
                    s.spawn(move || {
                        let mut c = 0u64;
                        let mut r = fastrand::Rng::with_seed(k as u64);
                        let mut w = 0;
                        while !stop.load(Relaxed) {
                            let id = ids[r.usize(..ids.len())];
                            let lat = threads > 1 && !name.starts_with("memory");
                            let b = lat.then(Instant::now);
                            sess.edit(id, &Change::AddMinutes(1)).unwrap();
                            if let Some(b) = b {
                                w = w.max(b.elapsed().as_micros() as u64);
                            }
                            c += 1;
                        }
                        n.fetch_add(c, Relaxed);
                        worst.fetch_max(w, Relaxed);
                        mn.fetch_min(c, Relaxed);
                        mx.fetch_max(c, Relaxed);
                    });
                }
                std::thread::sleep(Duration::from_millis(ms));
                stop.store(true, Relaxed);
            });
            results[i].push(n.load(Relaxed) as f64 / t.elapsed().as_secs_f64());
            eprintln!(
                "{name}: worst {} us, min/max thread {:.3}",
                worst.load(Relaxed),
                mn.load(Relaxed) as f64 / mx.load(Relaxed) as f64
            );
        }
    }
    for (name, r) in names.iter().zip(&mut results) {
        r.sort_by(|a, b| a.total_cmp(b));
        println!(
            "{name:24} {:>12.0}/s  (min {:.0}, max {:.0})",
            r[r.len() / 2],
            r[0],
            r[r.len() - 1]
        );
    }
}
