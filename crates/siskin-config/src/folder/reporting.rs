//! Which reporting duties a site has: those of its own file, else the shipped ones.

use super::find;
use crate::problems::{Draft, Problems};
use crate::settings::Reporting;
use crate::sources::{At, Sources};
use crate::{Inputs, node, suggest, written};

/// The folder of a site's own files of duties.
pub(super) const FOLDER: &str = "reporting/";
/// The shipped duties, as people see their file.
const SHIPPED_PATH: &str = "reporting/cn-order-17.toml (shipped)";
const SHIPPED: &str = include_str!("../../../../firmware-configs/reporting/cn-order-17.toml");

/// Reads the file that `named` names; none where there is a problem.
pub(super) fn read(
    inputs: &Inputs,
    named: Option<&At<String>>,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<Reporting> {
    for file in inputs.site.iter().filter(|file| file.path.starts_with(FOLDER)) {
        if named.is_none_or(|named| named.value != file.path) {
            let message = format!("nothing reads the file `{}`", file.path);
            let hint = "name it as `reporting` under [incidents] of site.toml, or take it away";
            let place = super::absent(&file.path, sources);
            problems.add(Draft::new(message, hint).at(place, "not named"));
        }
    }
    let (path, text) = match named {
        None => (SHIPPED_PATH, SHIPPED),
        Some(named) => {
            let Some(file) = find(inputs, &named.value) else {
                let own = inputs.site.iter().map(|file| file.path.as_str());
                let own: Vec<_> = own.filter(|path| path.starts_with(FOLDER)).collect();
                let message = format!("the site has no file `{}`", named.value);
                let hint = match suggest::nearest(&named.value, own) {
                    Some(nearest) => format!("did you mean `{nearest}`?"),
                    None => format!("files of duties stand in the folder {FOLDER} of the site"),
                };
                problems.add(Draft::new(message, hint).at(named.place, "not there"));
                return None;
            };
            (file.path.as_str(), file.text.as_str())
        }
    };
    let root = node::parse(path, text, sources, problems)?;
    written::reporting::read(&root, path, problems)
}
