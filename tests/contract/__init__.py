"""What every registered object must do, with nothing written for it: these tests run for each one."""
