//! What a trail is told to record.

use super::call::Call;
use crate::event::error::EventError;
use crate::event::field::Field;

/// What a trail's selectors ask for together.
pub(super) struct Selected {
    /// The most that any of them asks for of the account's management events.
    pub(super) management: Management,
    /// Whether any asks for what is done to data.
    pub(super) data: bool,
    /// Whether there are any.
    pub(super) any: bool,
}

/// How many of an account's management events a trail records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Management {
    None,
    InPart,
    All,
}

impl Management {
    fn of(is_any: bool, is_whole: bool) -> Self {
        match (is_any, is_whole) {
            (false, _) => Self::None,
            (true, false) => Self::InPart,
            (true, true) => Self::All,
        }
    }
}

pub(super) fn of(call: &Call<'_>) -> Result<Selected, EventError> {
    let basic = call.parameters.under("eventSelectors")?.list(basic)?;
    let advanced = call.parameters.under("advancedEventSelectors")?.list(advanced)?;
    let any = basic.is_some() || advanced.is_some();
    let asked: Vec<(Management, bool)> = basic.into_iter().chain(advanced).flatten().collect();
    Ok(Selected {
        management: asked.iter().map(|(management, _)| *management).max().unwrap_or(Management::None),
        data: asked.iter().any(|(_, data)| *data),
        any,
    })
}

fn basic(selector: &Field<'_>) -> Result<(Management, bool), EventError> {
    let all = selector.get("readWriteType")?.text_if_any()?.is_none_or(|kind| kind == "All");
    let management = selector.get("includeManagementEvents")?.optional(Field::boolean)?.unwrap_or(true);
    let excluded = selector.get("excludeManagementEventSources")?.list(Field::text)?.unwrap_or_default();
    let data = selector.get("dataResources")?.list(|resource| resource.get("type")?.text_if_any())?;
    let of_data = data.is_some_and(|resources| !resources.is_empty());
    Ok((Management::of(management, all && excluded.is_empty()), of_data))
}

fn advanced(selector: &Field<'_>) -> Result<(Management, bool), EventError> {
    let fields = selector.get("fieldSelectors")?.list(|field| {
        let is_category = field.get("field")?.text_if_any()? == Some("eventCategory");
        let values = field.get("equals")?.list(Field::text)?.unwrap_or_default();
        let management = is_category && values.contains(&"Management");
        Ok((management, is_category && values.iter().any(|value| *value != "Management")))
    })?;
    let fields = fields.unwrap_or_default();
    let management = fields.iter().any(|(management, _)| *management);
    // Whatever stands beside the category takes something out.
    Ok((Management::of(management, fields.len() == 1), fields.iter().any(|(_, data)| *data)))
}
