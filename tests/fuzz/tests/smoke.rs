//! Runs the smoke test of every target for about a second, each in a process of its own, so that no
//! target rots and the plainest faults are found at once.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use up_fuzz::FuzzTarget;

/// An input is taken for endless if it takes longer than a target's whole usual time.
const ENDLESS: Duration = Duration::from_mins(3);

#[test]
fn no_input_is_a_panic_endless_or_too_large() {
    let next = Mutex::new(up_fuzz::all());
    let faults = Mutex::new(Vec::new());
    let work = || {
        loop {
            let target = next.lock().expect("nobody panics").next();
            let Some(target) = target else { break };
            if let Err(fault) = smoke(target) {
                faults.lock().expect("nobody panics").push(fault);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let faults = faults.into_inner().expect("nobody panics");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn each_target_has_a_name_of_its_own_and_seeds() {
    let mut names: Vec<_> = up_fuzz::all().map(|target| target.name).collect();
    let many = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), many);
    for target in up_fuzz::all() {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{}", target.name);
        let longest = seeds.iter().map(Vec::len).max();
        assert!(longest <= Some(target.largest), "{}", target.name);
    }
}

/// Runs one target, and a second time with a trace if it fails.
fn smoke(target: &FuzzTarget) -> Result<(), String> {
    if run(target, None).0.is_some_and(|status| status.success()) {
        return Ok(());
    }
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
    let (status, said) = run(target, Some(&trace));
    let how = status.map_or("it does not end".to_owned(), |status| status.to_string());
    Err(format!(
        "{}: {how}; the input is in {}\n{said}",
        target.name,
        trace.display()
    ))
}

/// The exit status, if the process ended, and its output.
fn run(target: &FuzzTarget, trace: Option<&PathBuf>) -> (Option<ExitStatus>, String) {
    let said = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}.log", target.name));
    let out = std::fs::File::create(&said).expect("a file in the folder for such");
    let mut child = Command::new(env!("CARGO_BIN_EXE_up-fuzz"))
        .args(["smoke", target.name])
        .args(trace)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(out)
        .spawn()
        .expect("the program is built with this test");
    let mut pipe = child.stdout.take().expect("its output was just piped");
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || {
        // The pipe ends when the process does.
        let _ = pipe.read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    let in_time = end.recv_timeout(ENDLESS).is_ok();
    if !in_time {
        let _ = child.kill();
    }
    let status = child.wait().ok().filter(|_| in_time);
    let said = std::fs::read(&said).unwrap_or_default();
    (status, String::from_utf8_lossy(&said).into_owned())
}
