"""Lists of any entity: filters as chips, columns, order, paging, saved views, export, bulk edit."""
