//! Trials with two processes of the operating system: how long the window is in which they meet.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, SystemTime};

use anyhow::{Context, bail};
use lab_scenario::Scenario;
use lab_sites::Sites;
use lab_store::{Entry, Session, Site};
use lab_task::NewTask;
use lab_witness::{Moment, Share, Window};

use crate::chances::counted::size;
use crate::chances::place::{Answer, Appointment, Place, from_line, ns, say};

/// How much later the second process starts.
const DELAYS_US: [usize; 9] = [0, 10, 20, 50, 100, 200, 500, 1_000, 2_000];
/// Long enough for both to have read when they are to start.
const NOTICE: Duration = Duration::from_micros(500);
/// Who begins later than this after the appointed time has missed it.
const LATE_NS_MAX: u64 = 5_000;
/// A machine that is busy may make them late more often than not.
const ATTEMPTS_PER_TRIAL: usize = 3;
const MINUTES: [u32; 2] = [10, 20];

/// So many trials with each delay.
pub(super) fn window(entry: &Entry, sites: &Sites, trials: usize) -> anyhow::Result<Window> {
    let site = sites.make(entry.family.needs)?;
    let store = (entry.open)(&site).context(entry.name)?;
    let mut pair = Pair {
        session: store.session()?,
        clients: [Client::start(entry, &site, 0)?, Client::start(entry, &site, 1)?],
        task: Scenario::sized(size(2)).tasks.swap_remove(0),
    };
    let mut moments = DELAYS_US.map(moment).to_vec();
    let mut alone_ns = Vec::new();
    // Each delay in its turn, so that whatever else the machine does meets them all alike.
    for _ in 0..trials * ATTEMPTS_PER_TRIAL {
        for moment in moments.iter_mut().filter(|one| one.lost.of + one.refused < trials) {
            let edit_ns = pair.attempt(moment).context(entry.name)?;
            // With the longest delay the first process is done when the second one begins.
            alone_ns.extend(edit_ns.filter(|_| Some(&moment.delay_us) == DELAYS_US.last()));
        }
    }
    alone_ns.sort_unstable();
    let p50_ns = alone_ns.get(alone_ns.len() / 2).copied().unwrap_or(0);
    let edit_us_p50 = usize::try_from(p50_ns.div_ceil(1_000))?;
    Ok(Window { store: entry.name.to_owned(), edit_us_p50, moments })
}

fn moment(delay_us: usize) -> Moment {
    Moment { delay_us, lost: Share { part: 0, of: 0 }, refused: 0, late: 0 }
}

/// The two processes, and a session of our own to see what is left.
struct Pair {
    session: Box<dyn Session>,
    clients: [Client; 2],
    task: NewTask,
}

impl Pair {
    /// One more trial; how long the first edit took, if both were acknowledged.
    fn attempt(&mut self, moment: &mut Moment) -> anyhow::Result<Option<u64>> {
        match self.trial(moment.delay_us)? {
            Trial::Late => moment.late += 1,
            Trial::Refused => moment.refused += 1,
            Trial::Saved { is_lost, edit_ns } => {
                moment.lost.of += 1;
                moment.lost.part += usize::from(is_lost);
                return Ok(Some(edit_ns));
            }
        }
        Ok(None)
    }

    fn trial(&mut self, delay_us: usize) -> anyhow::Result<Trial> {
        let task = self.session.create(&self.task, None)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let starts = [0, u64::try_from(delay_us)?].map(Duration::from_micros);
        for (client, (minutes, delay)) in self.clients.iter_mut().zip(MINUTES.iter().zip(starts)) {
            let start_ns = ns(now + NOTICE + delay);
            say(&mut client.stdin, &Appointment { task, minutes: *minutes, start_ns })?;
        }
        let [first, second] = &mut self.clients;
        let answers = [first.answer()?, second.answer()?];
        let kept = self.session.get(task)?.map(|task| task.minutes);
        self.session.delete(task, None)?;
        Ok(match answers {
            [Answer::Saved { late_ns: first, edit_ns }, Answer::Saved { late_ns: second, .. }] => {
                let is_lost = kept != Some(MINUTES.iter().sum());
                let is_late = first.max(second) > LATE_NS_MAX;
                if is_late { Trial::Late } else { Trial::Saved { is_lost, edit_ns } }
            }
            _ => Trial::Refused,
        })
    }
}

/// What one trial came to.
enum Trial {
    /// A process missed its moment.
    Late,
    /// An edit was not acknowledged.
    Refused,
    /// Both edits were acknowledged.
    Saved {
        /// Whether one of them is not there.
        is_lost: bool,
        /// How long the first one took.
        edit_ns: u64,
    },
}

/// A process of its own that has the store open. It ends when its stdin does.
struct Client {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Client {
    fn start(entry: &Entry, site: &Site, processor: usize) -> anyhow::Result<Self> {
        let program = env::current_exe().context("the path of this program is not known")?;
        let mut child = Command::new(program)
            .arg("client")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("a second process cannot be started")?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("a second process has no pipes");
        };
        let mut client = Self { child, stdin, stdout: BufReader::new(stdout) };
        let Site { directory, url, namespace } = site.clone();
        let place = Place { store: entry.name.to_owned(), directory, url, namespace, processor };
        say(&mut client.stdin, &place)?;
        match client.answer()? {
            Answer::Ready => Ok(client),
            other => bail!("a second process answered {other:?} before it was asked"),
        }
    }

    fn answer(&mut self) -> anyhow::Result<Answer> {
        let mut line = String::new();
        if self.stdout.read_line(&mut line)? == 0 {
            bail!("a second process ended; what it said is above");
        }
        from_line(&line)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It only waits for the next line: nothing is lost with it, and it is gone when we go on.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
