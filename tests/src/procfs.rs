//! What the kernel says about processes: who is whose child, how much processor and memory.

use std::fs;

use anyhow::{Context, Result};

/// One line of `/proc/<pid>/stat`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Its id.
    pub id: u32,
    /// Its parent.
    pub parent: u32,
    /// Name of the program.
    pub name: String,
    /// `R`, `S`, `Z` …
    pub state: String,
    /// Clock ticks in user and kernel mode, hundredths of a second on Linux.
    pub ticks: u64,
}

/// Every process, as far as it can be read.
pub fn all() -> Result<Vec<Stat>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        if let Some(id) = name.to_str().and_then(|name| name.parse().ok()) {
            // A process that ends between the listing and the look is not there.
            found.extend(stat(id));
        }
    }
    Ok(found)
}

/// One process; none when there is none.
pub fn stat(id: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
}

/// Processes below `id`, at any depth.
pub fn descendants(id: u32) -> Result<Vec<Stat>> {
    let all = all()?;
    let mut found: Vec<Stat> = Vec::new();
    let mut parents = vec![id];
    while let Some(parent) = parents.pop() {
        for child in all.iter().filter(|one| one.parent == parent) {
            parents.push(child.id);
            found.push(child.clone());
        }
    }
    Ok(found)
}

/// Resident memory of a process in bytes.
pub fn resident_bytes(id: u32) -> Result<u64> {
    status_bytes(id, "VmRSS:")
}

/// The most resident memory that a process ever had, in bytes.
pub fn resident_peak_bytes(id: u32) -> Result<u64> {
    status_bytes(id, "VmHWM:")
}

fn status_bytes(id: u32, key: &str) -> Result<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(key));
    let kib = line.and_then(|rest| rest.trim().strip_suffix("kB"));
    let kib: u64 = kib.with_context(|| format!("no {key}"))?.trim().parse()?;
    Ok(kib * 1024)
}

/// The name stands in brackets and may hold anything, so what follows is counted from its end.
fn parse(line: &str) -> Option<Stat> {
    let (id, rest) = line.split_once(" (")?;
    let (name, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Stat {
        id: id.parse().ok()?,
        parent: fields.get(1)?.parse().ok()?,
        name: name.to_owned(),
        state: (*fields.first()?).to_owned(),
        ticks: ticks(11)? + ticks(12)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_brackets_and_spaces() {
        let line = "42 (a) b (c) S 7 42 42 0 -1 4194304 1 0 0 0 30 12 0 0 20 0 1 0";
        let want = Stat {
            id: 42,
            parent: 7,
            name: "a) b (c".to_owned(),
            state: "S".to_owned(),
            ticks: 42,
        };
        assert_eq!(parse(line), Some(want));
        assert_eq!(parse("42"), None);
    }

    #[test]
    fn this_process_is_there() {
        let me = std::process::id();
        assert_eq!(stat(me).unwrap().id, me);
        assert!(resident_bytes(me).unwrap() > 1 << 20);
        assert!(resident_peak_bytes(me).unwrap() > 1 << 20);
    }
}
