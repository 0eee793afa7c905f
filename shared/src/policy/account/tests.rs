mod becoming;
mod changing;
mod fixture;
mod services;
mod standing;
