"""Named reads of forecasting, set by set over the deals the actor may see."""
