//! What the options of `up history incidents` look for.

use std::collections::BTreeMap;

use up_config::{Plan, WrittenDuration};
use up_core::Level;
use up_engine::IncidentSearch;

use crate::args::{IncidentLevel, IncidentsArgs};
use crate::failure::CommandFailure;

/// The search, if an option asks for one.
pub(super) fn search(
    args: &IncidentsArgs,
    plan: Option<&Plan>,
) -> Result<Option<IncidentSearch>, CommandFailure> {
    let lower = |texts: &[String]| texts.iter().map(|text| text.to_lowercase()).collect();
    let levels = match args.level {
        None => Vec::new(),
        Some(IncidentLevel::Down) => vec![Level::Down, Level::MostlyDown],
        Some(IncidentLevel::Degraded) => vec![Level::Half, Level::MostlyUp],
    };
    let mut search = IncidentSearch {
        words: lower(&args.text),
        tags: lower(&args.tag),
        levels,
        ..IncidentSearch::default()
    };
    if let Some(text) = &args.longer {
        search.shortest = length("longer", text)?;
    }
    if let Some(text) = &args.shorter {
        search.longest = length("shorter", text)?;
    }
    if search == IncidentSearch::default() {
        return Ok(None);
    }
    search.tags_of = plan.map(tags).unwrap_or_default();
    Ok(Some(search))
}

/// The tags of each path of the configuration that has some.
fn tags(plan: &Plan) -> BTreeMap<String, Vec<String>> {
    let outline = &plan.outline;
    let tagged = outline.ids().filter_map(|id| {
        let tags = &plan.labels(outline, id)?.tags;
        let tags: Vec<String> = tags.iter().map(ToString::to_string).collect();
        (!tags.is_empty()).then(|| (outline.node(id).path.to_string(), tags))
    });
    tagged.collect()
}

/// The length that an option names, in seconds.
fn length(name: &str, text: &str) -> Result<f64, CommandFailure> {
    match text.parse() {
        Ok(WrittenDuration(length)) => Ok(length.as_secs_f64()),
        Err(error) => Err(CommandFailure::Usage(format!("--{name} {text:?}: {error}"))),
    }
}
