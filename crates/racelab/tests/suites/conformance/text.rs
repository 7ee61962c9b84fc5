//! Text of every kind comes back as it was given, wherever it went.

use lab_store::{Capability, Session};
use lab_task::{
    Change, DESCRIPTION_BYTES_MAX, Description, Filter, NewTask, Outcome, TITLE_BYTES_MAX, Task,
    Title, Version,
};

use super::stores::{Subject, all, each_store, two_sessions};

/// A character of each of the 17 planes, assigned or not.
const PLANES: &str = "a\u{1F600}\u{20000}\u{30000}\u{40000}\u{50000}\u{60000}\u{70000}\u{80000}\
    \u{90000}\u{A0000}\u{B0000}\u{C0000}\u{D0000}\u{E0001}\u{F0000}\u{10FFFD}";

/// Lines that mean something else somewhere: to Unicode, to SQL, to JSON, to a pattern, to a shell
/// and to C. Some differ only in what a normal form or a comparison without case would drop.
const TITLES: &[&str] = &[
    PLANES,
    "\u{FDD0}\u{FFFE}\u{FFFF}\u{1FFFE}\u{10FFFF}",
    "\u{FEFF}byte order mark",
    "\u{E9}t\u{E9}",
    "e\u{301}te\u{301}",
    "\u{301}\u{302}\u{303}",
    "\u{5E9}\u{5DC}\u{5D5}\u{5DD} \u{202E}right to left\u{202C} \u{200F}",
    "\u{2028}\u{2029}\u{200B}\u{200D}\u{FFFD}",
    "\u{DF} \u{130} \u{131} \u{3C2}",
    "SS I i \u{3C3}",
    "'; DROP TABLE tasks; --",
    "\" OR \"\"=\"",
    "$1 ?1 :title @p0 %s {0}",
    "100%",
    "100_",
    "\\",
    "\\n \\u0041 \\' \\\"",
    "{\"last_id\":0,\"tasks\":[]}",
    "\"},{\"id\":1",
    "null",
    " ",
    "  spaces around  ",
    "../tasks.json",
    "NaN -0 1e309",
];

#[test]
fn titles_and_descriptions_of_every_kind_come_back_unchanged() {
    let titles: Vec<Title> = titles();
    each_store(
        |_| true,
        |subject| {
            let store = subject.open();
            let [mut one, mut other] = two_sessions(&*store);
            let mut expected = Vec::new();
            for (number, title) in titles.iter().enumerate() {
                let task = written(&mut *one, title, &titles[(number + 1) % titles.len()]);
                assert_eq!(other.get(task.id).unwrap().as_ref(), Some(&task));
                expected.push(task);
            }
            finds_each(&mut *other, &expected);
            drop((one, other, store));
            is_there_again(subject, &expected);
        },
    );
}

#[test]
fn a_description_of_one_mebibyte_comes_back_unchanged() {
    // Eight bytes each, with what takes more when it is quoted.
    let texts = ["a", "b", "c"].map(|letter| {
        let text = format!("\u{E9}\u{1}\\\"\u{7F}{letter}\n").repeat(DESCRIPTION_BYTES_MAX / 8);
        assert_eq!(text.len(), DESCRIPTION_BYTES_MAX);
        Description::new(text).unwrap()
    });
    each_store(
        |_| true,
        |subject| {
            let store = subject.open();
            let [mut one, mut other] = two_sessions(&*store);
            let title = Title::new("large").unwrap();
            let new = NewTask { title, description: texts[0].clone() };
            let id = one.create(&new, None).unwrap();
            let mut task = new.into_task(id);
            assert!(one.get(id).unwrap().as_ref() == Some(&task), "after create");
            let outcome = one.edit(id, &Change::Description(texts[1].clone())).unwrap();
            assert_eq!(outcome, Outcome::Applied(Version(2)));
            task = Task { description: texts[1].clone(), version: Version(2), ..task };
            assert!(other.get(id).unwrap().as_ref() == Some(&task), "after edit");
            task.description = texts[2].clone();
            assert_eq!(one.save(&task).unwrap(), Outcome::Applied(Version(3)));
            task.version = Version(3);
            assert!(all(&mut *other) == [task.clone()], "after save");
            drop((one, other, store));
            is_there_again(subject, &[task]);
        },
    );
}

#[test]
fn text_that_no_store_keeps_is_refused_with_its_cause_and_the_limit() {
    let error = Title::new("").unwrap_err().to_string();
    assert_eq!(error, "a title must not be empty");
    let error = Title::new("x".repeat(1 << 20)).unwrap_err().to_string();
    assert_eq!(error, "a title has at most 1024 bytes, this one has 1048576");
    let error = Description::new("x".repeat((1 << 20) + 1)).unwrap_err().to_string();
    assert_eq!(error, "a description has at most 1048576 bytes, this one has 1048577");
    let error = Description::new("nul\0").unwrap_err().to_string();
    assert_eq!(error, "a description must not contain the control character '\\0' (at byte 3)");
}

fn titles() -> Vec<Title> {
    let longest = ["x".repeat(TITLE_BYTES_MAX), "\u{1F600}".repeat(TITLE_BYTES_MAX / 4)];
    let titles = TITLES.iter().map(|text| (*text).to_owned()).chain(longest);
    titles.map(|text| Title::new(text).unwrap()).collect()
}

/// Every control character but NUL, lines of all systems, and `text`.
fn with_controls(text: &str) -> Description {
    let controls = ('\u{1}'..='\u{1F}').chain('\u{7F}'..='\u{9F}');
    Description::new(controls.chain("\r\n\n\r\t".chars()).chain(text.chars()).collect::<String>())
        .unwrap()
}

/// A task that got `title` by a create, then `last` by an edit, then `title` by a save; each time
/// it was read back.
fn written(session: &mut dyn Session, title: &Title, last: &Title) -> Task {
    let new = NewTask { title: title.clone(), description: with_controls(title.as_str()) };
    let id = session.create(&new, None).unwrap();
    let mut task = new.into_task(id);
    assert_eq!(session.get(id).unwrap().as_ref(), Some(&task));
    let description = with_controls(last.as_str());
    for change in [Change::Title(last.clone()), Change::Description(description)] {
        change.apply(&mut task);
        assert_eq!(session.edit(id, &change).unwrap(), Outcome::Applied(task.version));
    }
    assert_eq!(session.get(id).unwrap().as_ref(), Some(&task));
    task.title = title.clone();
    assert_eq!(session.save(&task).unwrap(), Outcome::Applied(task.version.next()));
    task.version = task.version.next();
    task
}

/// Each title, and each character of one, finds exactly the tasks that contain it.
fn finds_each(session: &mut dyn Session, tasks: &[Task]) {
    assert_eq!(all(session), tasks);
    let characters = tasks.iter().flat_map(|task| task.title.as_str().chars().take(6));
    let texts = tasks.iter().map(|task| task.title.as_str().to_owned());
    for text in texts.chain(characters.map(String::from)) {
        let filter = Filter { title_contains: Some(text), ..Filter::ALL };
        let expected: Vec<_> = tasks.iter().filter(|task| filter.matches(task)).cloned().collect();
        assert!(!expected.is_empty());
        assert_eq!(session.list(&filter).unwrap(), expected, "{filter:?}");
    }
}

fn is_there_again(subject: &Subject, expected: &[Task]) {
    if subject.has(Capability::Persistent) {
        let store = subject.open();
        assert!(all(&mut *store.session().unwrap()) == expected, "opened again");
    }
}
