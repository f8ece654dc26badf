"""The code inside the cross Python: standard library only, for every Python from 3.8 on."""
