"""People by paste: a few columns of a spreadsheet become members with teams, roles and managers."""
