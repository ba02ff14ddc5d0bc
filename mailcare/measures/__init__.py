"""The measures of the contract, one file each: a measure is the function that bears its module's name."""
