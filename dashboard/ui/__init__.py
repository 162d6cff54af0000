"""What people see: login, shell, filters, numbers, charts and tables. The only part, with pages/, that draws."""
