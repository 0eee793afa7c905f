mod becoming;
mod changing;
mod fixture;
mod standing;
