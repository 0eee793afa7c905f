/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Throttled, also after every retry. Nothing was done.
    Throttled,
    /// The function's role may not.
    Denied,
    /// Another error. Nothing was done.
    Failed,
    /// It was done, and the answer never came.
    LostAnswer,
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// The next so many calls.
    Next(u32),
    /// Every call from now on.
    Always,
}
