//! The engine end to end over the simulated account: what happens, what must never happen, and what is said of it.

#[cfg(test)]
mod abandoned;
#[cfg(test)]
mod account_settings;
#[cfg(test)]
mod administrators;
#[cfg(test)]
mod announcements;
#[cfg(test)]
mod approvals;
#[cfg(test)]
mod both_paths;
#[cfg(test)]
mod boundaries;
#[cfg(test)]
mod brakes;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod change_events;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod config_reports;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod denied;
#[cfg(test)]
mod detectors;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod exam;
#[cfg(test)]
mod exemptions;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod first_deny;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod iam;
#[cfg(test)]
mod lag;
#[cfg(test)]
mod lapses;
#[cfg(test)]
mod meetings;
#[cfg(test)]
mod model;
#[cfg(test)]
mod model_of_deletion;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod organization;
#[cfg(test)]
mod password_policy;
#[cfg(test)]
mod permissions;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod put_back;
#[cfg(test)]
mod queues;
#[cfg(test)]
mod restore;
#[cfg(test)]
mod restore_after_put_back;
#[cfg(test)]
mod restore_resumed;
#[cfg(test)]
mod roles;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod simulator;
#[cfg(test)]
mod stages;
#[cfg(test)]
mod suspension;
#[cfg(test)]
mod sweeps;
#[cfg(test)]
mod takeovers;
#[cfg(test)]
mod threats;
#[cfg(test)]
mod unread;
#[cfg(test)]
mod watched;
#[cfg(test)]
mod worlds;
